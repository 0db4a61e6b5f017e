package dev.sallyport.authority;

import dev.sallyport.authority.vault.VaultAnswer;
import dev.sallyport.authority.vault.VaultEvents;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultException.Kind;
import dev.sallyport.authority.vault.VaultSession;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Vault signs every leaf, by an issuer that is addressed by its id, under a role that lets it sign for any identity: who may have which is decided before. Blocking, for at most
 * {@link SigningSlots#WAIT_MAX} and two calls; any thread.
 */
public final class VaultLeafAuthority implements CertificateAuthority, RevokingAuthority, AutoCloseable {
    private static final Duration LIFE_MIN = Duration.ofSeconds(1);

    /** A replica that is behind catches up within milliseconds; a connection that was closed while it was idle fails at once, and a new one works. */
    private static final int TRIES_MAX = 3;

    private static final long WARN_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long AT_ONCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final TrustBundle bundle;
    private final PinnedIssuer issuer;
    private final VaultSession vault;
    private final VaultSettings settings;
    private final SvidVerifier verifier;
    private final VaultEvents events;
    private final Clock clock;
    private final SigningSlots slots = new SigningSlots();
    private volatile Optional<String> problem = Optional.empty();
    private volatile long warnedAt = System.nanoTime() - WARN_NANOS - 1;
    private volatile Optional<Outage> outage = Optional.empty();

    /** Somebody waited in vain: until then nobody else does. */
    private record Outage(String why, long until) {}

    private VaultLeafAuthority(
            TrustDomain trustDomain,
            PinnedIssuer issuer,
            VaultSession vault,
            VaultSettings settings,
            VaultEvents events,
            Clock clock)
            throws IOException {
        this.bundle = issuer.bundle(trustDomain);
        this.issuer = issuer;
        this.vault = vault;
        this.settings = settings;
        this.verifier = LeafSigner.verifier(bundle, clock);
        this.events = events;
        this.clock = clock;
    }

    /**
     * Opens {@code folder}, which keeps the issuer's certificate and the root; Vault is needed for that at the first start alone.
     *
     * @throws IOException Vault is needed and does not answer, or has another root than peers trust; the message says what is expected
     */
    public static VaultLeafAuthority open(Path folder, TrustDomain trustDomain, VaultSettings settings, Clock clock)
            throws IOException {
        return open(folder, trustDomain, settings, clock, VaultEvents.logged());
    }

    /** As {@link #open(Path, TrustDomain, VaultSettings, Clock)}, and tells {@code events} what an operator should hear. */
    public static VaultLeafAuthority open(
            Path folder, TrustDomain trustDomain, VaultSettings settings, Clock clock, VaultEvents events)
            throws IOException {
        VaultSession vault = VaultSession.open(settings, events, clock);
        try {
            return open(folder, trustDomain, settings, vault, clock, events);
        } catch (IOException | RuntimeException e) {
            vault.close();
            throw e;
        }
    }

    /** With a session that is there already, and is closed with it; if it cannot be opened, the caller still has it. */
    public static VaultLeafAuthority open(
            Path folder,
            TrustDomain trustDomain,
            VaultSettings settings,
            VaultSession vault,
            Clock clock,
            VaultEvents events)
            throws IOException {
        CertificateTemplate.checkConstrainable(trustDomain);
        String id = settings.issuer()
                .orElseThrow(() -> new IOException("vault.yaml: issuer is missing (expected: the id of the issuer of "
                        + settings.mount() + " that signs leaves; sallyport vault setup prints it)"));
        var place = new PinnedIssuer.Place(settings.mount(), id);
        Optional<PinnedIssuer.Place> above =
                settings.rootIssuer().map(root -> new PinnedIssuer.Place(settings.rootMount(), root));
        PinnedIssuer issuer = PinnedIssuer.open(folder, vault.gateway(), place, above);
        return new VaultLeafAuthority(trustDomain, issuer, vault, settings, events, clock);
    }

    @Override
    public IssuedCertificate issue(byte[] csrDer, SpiffeId id, Duration life)
            throws IssuanceRefusedException, AuthorityUnavailableException {
        if (!id.trustDomain().equals(bundle.trustDomain())) {
            throw new IssuanceRefusedException(
                    "identity: " + id + " (expected: one of trust domain " + bundle.trustDomain() + ")");
        }
        if (life.compareTo(LIFE_MIN) < 0) {
            throw new IssuanceRefusedException("life: " + life + " (expected: >= " + LIFE_MIN + ")");
        }
        SigningRequest request = SigningRequest.parse(csrDer);
        try (SigningSlots.Slot _ = slots.take()) {
            Instant now = clock.instant();
            SignedLeaf wanted = new SignedLeaf(id, request.publicKey(), now, possible(life, now));
            VaultAnswer answer = sign(csrDer, wanted);
            IssuedCertificate issued = wanted.check(answer.text("certificate").orElse(""), issuer, verifier);
            noted(wanted.cut(issued.leaf(), answer.warnings()).or(() -> ends(life, wanted)));
            return issued;
        } catch (AuthorityUnavailableException e) {
            noted(Optional.of(String.valueOf(e.getMessage())));
            throw e;
        }
    }

    /** Cut here: an issuer that is not told to truncate would refuse instead. */
    private Duration possible(Duration life, Instant now) throws AuthorityUnavailableException {
        Duration left = Duration.between(now, issuer.certificate().getNotAfter().toInstant());
        if (left.compareTo(LIFE_MIN) < 0) {
            throw new AuthorityUnavailableException(
                    "vault: issuer " + issuer.certificate().getSubjectX500Principal() + " ended "
                            + issuer.certificate().getNotAfter().toInstant() + " (expected: after " + now
                            + "; make another, and name it in vault.yaml)",
                    Duration.ofMinutes(1));
        }
        return life.compareTo(left) < 0 ? life : left;
    }

    private Optional<String> ends(Duration life, SignedLeaf wanted) {
        return wanted.life().equals(life)
                ? Optional.empty()
                : Optional.of("vault: leaves are cut, for the issuer ends "
                        + issuer.certificate().getNotAfter().toInstant()
                        + " (expected: another one in time, named in vault.yaml)");
    }

    /** Said once in a while, whatever comes and goes meanwhile. */
    private void noted(Optional<String> now) {
        problem = now;
        long since = System.nanoTime() - warnedAt;
        if (now.isPresent() && since > WARN_NANOS) {
            warnedAt = System.nanoTime();
            events.warning(now.get());
        }
    }

    private VaultAnswer sign(byte[] csrDer, SignedLeaf wanted)
            throws IssuanceRefusedException, AuthorityUnavailableException {
        // Names of the request are ignored by the role (use_csr_sans=false), and would be refused below.
        return ask(
                place() + "/sign/" + settings.role(),
                Map.of(
                        "csr",
                        Pem.encode("CERTIFICATE REQUEST", csrDer),
                        "uri_sans",
                        wanted.id().toString(),
                        "ttl",
                        wanted.life().toSeconds() + "s",
                        "format",
                        "pem",
                        "exclude_cn_from_sans",
                        true,
                        "remove_roots_from_chain",
                        true));
    }

    private PinnedIssuer.Place place() {
        return new PinnedIssuer.Place(settings.mount(), settings.issuer().orElseThrow());
    }

    /** Both of our questions may be put twice: one more signature harms nobody, and what is revoked stays so. */
    private VaultAnswer ask(String path, Map<String, ?> fields)
            throws IssuanceRefusedException, AuthorityUnavailableException {
        refuseInAnOutage();
        for (int attempt = 1; ; attempt++) {
            long from = System.nanoTime();
            try {
                VaultAnswer answer = vault.write(path, fields);
                outage = Optional.empty();
                return answer;
            } catch (VaultException e) {
                boolean quick = System.nanoTime() - from < AT_ONCE_NANOS;
                boolean again = e.kind() == Kind.BEHIND || (e.kind() == Kind.UNREACHABLE && quick);
                if (!again || attempt == TRIES_MAX || !paused(e)) {
                    throw failed(e);
                }
            }
        }
    }

    private void refuseInAnOutage() throws AuthorityUnavailableException {
        Optional<Outage> now = outage;
        long left = now.map(Outage::until).orElse(0L) - System.nanoTime();
        if (now.isPresent() && left > 0) {
            throw new AuthorityUnavailableException(now.get().why(), Duration.ofNanos(left));
        }
    }

    private AuthorityUnavailableException failed(VaultException e) throws IssuanceRefusedException {
        if (e.kind() == Kind.UNREACHABLE) {
            outage = Optional.of(new Outage(
                    String.valueOf(e.getMessage()),
                    System.nanoTime() + e.retryAfter().toNanos()));
        } else if (e.kind() == Kind.REFUSED) {
            noted(Optional.of(String.valueOf(e.getMessage())));
        }
        return VaultRefusal.of(e);
    }

    private static boolean paused(VaultException e) {
        try {
            Thread.sleep(e.kind() == Kind.BEHIND ? e.retryAfter() : Duration.ZERO);
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** By certificate, for what is signed is not stored there. One that has ended is nobody's any more, and Vault is not asked. */
    @Override
    public void revoke(X509Certificate leaf) throws IssuanceRefusedException, AuthorityUnavailableException {
        if (!leaf.getIssuerX500Principal().equals(issuer.certificate().getSubjectX500Principal())) {
            throw new IssuanceRefusedException("certificate: issued by " + leaf.getIssuerX500Principal()
                    + " (expected: " + issuer.certificate().getSubjectX500Principal() + ", which can take it back)");
        }
        if (clock.instant().isAfter(leaf.getNotAfter().toInstant())) {
            return;
        }
        try (SigningSlots.Slot _ = slots.take()) {
            ask(settings.mount() + "/revoke", Map.of("certificate", Pem.encode(List.of(leaf))));
        }
    }

    @Override
    public TrustBundle trustBundle() {
        return bundle;
    }

    /** Not a moment alone. */
    @Override
    public Standing standing() {
        return new Standing(
                AuthorityKind.VAULT_LEAF, issuer.certificate(), Optional.empty(), Optional.empty(), problem);
    }

    /** Gives the token back; certificates that were issued stay good. */
    @Override
    public void close() {
        vault.close();
    }
}
