package dev.sallyport.authority;

import dev.sallyport.authority.vault.VaultEvents;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultSession;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Vault signs an intermediate of 7 to 30 days, bound to the trust domain and with its key here, and the next one long before it ends; leaves are signed here. A Vault that is sealed for
 * days hurts nobody. Any thread; {@link #issue} never waits for Vault.
 */
public final class VaultIntermediateAuthority implements CertificateAuthority, AutoCloseable {
    /** How far back Vault is asked to date it: for peers whose clocks are behind. */
    private static final Duration BACK_DATED = Duration.ofHours(1);

    /** However far away the next step is: clocks jump, and a machine may have slept. */
    private static final Duration LOOK_AGAIN_MAX = Duration.ofSeconds(60);

    /** By that much clocks may differ; more was cut. */
    private static final Duration SHORT_BY_MAX = Duration.ofMinutes(10);

    private static final Duration LOOK_AGAIN_MIN = Duration.ofMillis(100);

    private final TrustBundle bundle;
    private final PinnedIssuer above;
    private final VaultSession vault;
    private final VaultEvents events;
    private final VaultSettings settings;
    private final Clock clock;
    private final Intermediates intermediates;
    private final ScheduledExecutorService preparer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("vault-intermediate").factory());

    private VaultIntermediateAuthority(
            Path folder,
            TrustDomain trustDomain,
            VaultSettings settings,
            Origin origin,
            KeyEncryption encryption,
            Clock clock)
            throws IOException {
        this.vault = origin.vault();
        this.events = origin.events();
        this.above = origin.above();
        this.bundle = above.bundle(trustDomain);
        this.settings = settings;
        this.clock = clock;
        this.intermediates = Intermediates.open(folder, encryption, bundle, clock, this::certified);
    }

    private record Origin(VaultSession vault, VaultEvents events, PinnedIssuer above) {}

    /**
     * Opens {@code folder}; Vault is needed at the first start alone. If all intermediates there have ended, this one says so to who asks for a leaf until Vault signs another.
     *
     * @throws IOException no intermediate can be had, a file is not ours, or Vault has another root than peers trust; the message says what is expected
     */
    public static VaultIntermediateAuthority open(
            Path folder, TrustDomain trustDomain, VaultSettings settings, KeyEncryption encryption, Clock clock)
            throws IOException {
        return open(folder, trustDomain, settings, encryption, clock, VaultEvents.logged());
    }

    /** As {@link #open(Path, TrustDomain, VaultSettings, KeyEncryption, Clock)}, and tells {@code events} what an operator should hear. */
    public static VaultIntermediateAuthority open(
            Path folder,
            TrustDomain trustDomain,
            VaultSettings settings,
            KeyEncryption encryption,
            Clock clock,
            VaultEvents events)
            throws IOException {
        VaultSession vault = VaultSession.open(settings, events, clock);
        try {
            return open(folder, trustDomain, settings, vault, encryption, clock, events);
        } catch (IOException | RuntimeException e) {
            vault.close();
            throw e;
        }
    }

    /** With a session that is there already, and is closed with it; if it cannot be opened, the caller still has it. */
    public static VaultIntermediateAuthority open(
            Path folder,
            TrustDomain trustDomain,
            VaultSettings settings,
            VaultSession vault,
            KeyEncryption encryption,
            Clock clock,
            VaultEvents events)
            throws IOException {
        CertificateTemplate.checkConstrainable(trustDomain);
        String issuer = settings.rootIssuer()
                .orElseThrow(() -> new IOException("vault.yaml: rootIssuer is missing (expected: the id of the issuer"
                        + " of " + settings.rootMount()
                        + " that signs intermediates; sallyport vault setup prints it)"));
        var place = new PinnedIssuer.Place(settings.rootMount(), issuer);
        PinnedIssuer above = PinnedIssuer.open(folder, vault.gateway(), place, Optional.empty());
        var authority = new VaultIntermediateAuthority(
                folder, trustDomain, settings, new Origin(vault, events, above), encryption, clock);
        authority.start();
        return authority;
    }

    private void start() throws IOException {
        if (intermediates.pair().current().isEmpty()
                && intermediates.pair().next().isEmpty()) {
            intermediates.makeFirst();
        }
        preparer.execute(this::prepare);
    }

    @Override
    public IssuedCertificate issue(byte[] csrDer, SpiffeId id, Duration life)
            throws IssuanceRefusedException, AuthorityUnavailableException {
        return intermediates.signer().issue(csrDer, id, life);
    }

    @Override
    public TrustBundle trustBundle() {
        return bundle;
    }

    @Override
    public Standing standing() {
        Intermediates.Pair pair = intermediates.pair();
        LeafSigner now = pair.current().or(pair::next).orElseThrow();
        return new Standing(
                AuthorityKind.VAULT_INTERMEDIATE,
                now.intermediate().certificate(),
                pair.current()
                        .flatMap(_ -> pair.next())
                        .map(next -> next.intermediate().certificate()),
                pair.lastEnd(),
                intermediates.problem());
    }

    /** In the background, for as long as this is open, whatever happens. */
    private void prepare() {
        Instant again = clock.instant().plus(LOOK_AGAIN_MAX);
        try {
            again = intermediates.keepReady();
        } finally {
            later(Duration.between(clock.instant(), again));
        }
    }

    private void later(Duration wait) {
        Duration bounded = wait.compareTo(LOOK_AGAIN_MAX) > 0 ? LOOK_AGAIN_MAX : wait;
        try {
            var _ = preparer.schedule(
                    this::prepare, Math.max(LOOK_AGAIN_MIN.toMillis(), bounded.toMillis()), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // Closed.
        }
    }

    /** A new key of ours with Vault's signature. If a crash comes between, its certificate is good for nothing: nobody has the key. */
    private Signer certified(Instant now) throws IOException, AuthorityUnavailableException {
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        IntermediateRequest request = new IntermediateRequest(keys, bundle.trustDomain());
        X509Certificate signed = request.check(sign(request.pem()));
        Instant end = signed.getNotAfter().toInstant();
        Instant asked = now.plus(settings.intermediateLife());
        if (end.isBefore(asked.minus(SHORT_BY_MAX))) {
            events.warning("vault: the new intermediate ends " + end + " (expected: " + asked + "; by max_lease_ttl of "
                    + settings.rootMount() + " or the end of its issuer)");
        }
        return Signer.certified(signed, keys.getPrivate(), above.chain());
    }

    private String sign(String csr) throws AuthorityUnavailableException {
        try {
            return vault.write(
                            settings.rootMount() + "/issuer/"
                                    + settings.rootIssuer().orElseThrow() + "/sign-intermediate",
                            Map.of(
                                    "csr",
                                    csr,
                                    "use_csr_values",
                                    true,
                                    "common_name",
                                    "taken from the request",
                                    "max_path_length",
                                    0,
                                    "ttl",
                                    settings.intermediateLife().toSeconds() + "s",
                                    "not_before_duration",
                                    BACK_DATED.toSeconds() + "s",
                                    "format",
                                    "pem"))
                    .text("certificate")
                    .orElse("");
        } catch (VaultException e) {
            throw VaultRefusal.unavailable(e);
        }
    }

    /** Ends the preparer and gives the token back; certificates that were issued stay good. */
    @Override
    public void close() {
        preparer.shutdownNow();
        vault.close();
    }
}
