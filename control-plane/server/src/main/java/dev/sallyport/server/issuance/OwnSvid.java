package dev.sallyport.server.issuance;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.RenewalSchedule;
import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.ca.Generation;
import java.io.IOException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control plane's own certificate, {@code spiffe://<trust domain>/sallyport/control-plane}: issued by an authority of this process to this process, renewed on schedule with no
 * restart. No other way leads to a reserved identity. It is kept sealed, so that a process that starts while the authority is away is somebody; and an authority that is away or slow
 * holds up no thread but the one here.
 */
public final class OwnSvid implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OwnSvid.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Duration WITHOUT_EVERY = Duration.ofSeconds(5);

    private final Authorities authorities;
    private final OwnSvidFile file;
    private final SpiffeId id;
    private final Duration life;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final SvidPublisher publisher;
    private final ScheduledExecutorService thread;
    private Held held = new Held(0, Instant.MIN, Instant.MIN, 0); // guarded by this

    /** {@code generation}: whose it is, 0: there is none; {@code due}: when to ask for the next. */
    private record Held(int generation, Instant due, Instant notAfter, int failures) {}

    public OwnSvid(Authorities authorities, OwnSvidFile file, TrustDomain trustDomain, Duration life, Clock clock) {
        this.authorities = authorities;
        this.file = file;
        this.id = SpiffeId.controlPlane(trustDomain);
        this.life = life;
        this.clock = clock;
        this.publisher = new SvidPublisher(clock);
        this.thread = Executors.newSingleThreadScheduledExecutor(
                task -> Thread.ofPlatform().daemon().name("own-svid").unstarted(task));
    }

    public SvidSource source() {
        return publisher.source();
    }

    /** From now on no handshake with what is among {@code revocations}. Does not wait for an authority. */
    public void revoked(Revocations revocations) {
        publisher.publishRevocations(revocations);
    }

    /**
     * Takes the one that is kept, or gets the first one now, and the next ones on a thread of its own. While the authority is away and none is kept, there is none, and nobody can
     * connect; it comes by itself.
     */
    public void start() throws IOException {
        restore();
        try {
            follow();
        } catch (AuthorityUnavailableException e) {
            log.error("certificate of {}: there is none yet, nobody can connect: {}", id, e.getMessage());
        } catch (IssuanceRefusedException e) {
            throw new IOException("certificate of " + id + ": " + e.getMessage(), e);
        }
        thread.scheduleWithFixedDelay(
                this::renewIfDue, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized void restore() {
        Optional<OwnSvidFile.Stored> stored = file.read();
        if (stored.isEmpty()) {
            return;
        }
        X509Svid svid = stored.get().svid();
        int generation = stored.get().generation();
        if (!svid.id().equals(id) || authorities.of(generation).isEmpty()) {
            log.warn("own certificate {} of generation {} is of no use (expected: {})", svid.serial(), generation, id);
            return;
        }
        try {
            publisher.publish(svid, List.of(authorities.bundle()));
            Instant due = RenewalSchedule.draw(svid.notBefore(), svid.notAfter(), random);
            held = new Held(generation, due, svid.notAfter(), 0);
            log.info("own certificate {} of generation {} until {}, kept", svid.serial(), generation, svid.notAfter());
        } catch (SvidRejectedException e) {
            log.warn("own certificate {} cannot be used any more: {}", svid.serial(), e.getMessage());
        }
    }

    /** Trusts what the authorities say now, and shows a certificate of the one that is to sign ours: both in one step, for either alone might not verify. */
    public synchronized void follow() throws IssuanceRefusedException, AuthorityUnavailableException, IOException {
        List<TrustBundle> bundles = List.of(authorities.bundle());
        try {
            if (held.generation() == authorities.own().number()) {
                publisher.publishBundles(bundles);
                return;
            }
            try {
                succeed(bundles);
            } catch (IssuanceRefusedException | AuthorityUnavailableException e) {
                // While both are trusted, one of the authority that signs will do.
                if (held.generation() != authorities.signing().number()) {
                    throw e;
                }
                publisher.publishBundles(bundles);
            }
        } catch (SvidRejectedException e) {
            throw new IOException("certificate of " + id + ": " + e.getMessage(), e);
        }
    }

    /** By the authority that is to sign ours; by the one that signs now when that one is dying, which is why it is left: everybody who passed the gate before trusts that one, too. */
    private void succeed(List<TrustBundle> bundles)
            throws IssuanceRefusedException, AuthorityUnavailableException, SvidRejectedException {
        Generation own = authorities.own();
        Generation signing = authorities.signing();
        try {
            issue(own, bundles);
        } catch (IssuanceRefusedException | AuthorityUnavailableException e) {
            if (own.number() == signing.number()) {
                throw e;
            }
            log.warn("own certificate: generation {} does not sign: {}", own.number(), e.getMessage());
            issue(signing, bundles);
        }
    }

    private void issue(Generation signer, List<TrustBundle> bundles)
            throws IssuanceRefusedException, AuthorityUnavailableException, SvidRejectedException {
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        IssuedCertificate issued = signer.authority().issue(CertificateSigningRequest.der(keys), id, life);
        X509Svid svid = X509Svid.of(issued.chain(), keys.getPrivate());
        publisher.publish(svid, bundles);
        log.info("own certificate {} of generation {} until {}", svid.serial(), signer.number(), svid.notAfter());
        Instant due = RenewalSchedule.draw(clock.instant(), svid.notAfter(), random);
        held = new Held(signer.number(), due, svid.notAfter(), 0);
        file.write(new OwnSvidFile.Stored(signer.number(), svid));
    }

    synchronized void renewIfDue() {
        if (clock.instant().isBefore(held.due())) {
            return;
        }
        try {
            succeed(List.of(authorities.bundle()));
        } catch (IssuanceRefusedException
                | AuthorityUnavailableException
                | SvidRejectedException
                | RuntimeException e) {
            log.error("own certificate could not be renewed; the current one ends at {}", held.notAfter(), e);
            int failures = held.failures() + 1;
            Instant now = clock.instant();
            // Who has none is out of reach: haste is all that helps.
            Instant next = held.generation() == 0
                    ? now.plus(WITHOUT_EVERY)
                    : RenewalSchedule.next(now, held.due(), held.notAfter(), failures, random);
            held = new Held(held.generation(), next, held.notAfter(), failures);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
