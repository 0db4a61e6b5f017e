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
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control plane's own certificate, {@code spiffe://<trust domain>/sallyport/control-plane}: issued by an authority of this process to this process, key in memory alone, renewed
 * on schedule with no restart. No other way leads to a reserved identity.
 */
public final class OwnSvid {
    private static final Logger log = LoggerFactory.getLogger(OwnSvid.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final Authorities authorities;
    private final SpiffeId id;
    private final Duration life;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final SvidPublisher publisher = new SvidPublisher();
    private Held held = new Held(0, Instant.MIN, Instant.MIN, 0); // guarded by this

    /** {@code generation}: whose it is; {@code due}: when to ask for the next. */
    private record Held(int generation, Instant due, Instant notAfter, int failures) {}

    public OwnSvid(Authorities authorities, TrustDomain trustDomain, Duration life, Clock clock) {
        this.authorities = authorities;
        this.id = SpiffeId.controlPlane(trustDomain);
        this.life = life;
        this.clock = clock;
    }

    public SvidSource source() {
        return publisher.source();
    }

    /** From now on no handshake with what is among {@code revocations}. Does not wait for an authority. */
    public void revoked(Revocations revocations) {
        publisher.publishRevocations(revocations);
    }

    /** Gets the first one now and the next ones on {@code timer}. */
    public void start(ScheduledExecutorService timer) throws IOException {
        try {
            follow();
        } catch (IssuanceRefusedException | AuthorityUnavailableException e) {
            throw new IOException("certificate of " + id + ": " + e.getMessage(), e);
        }
        timer.scheduleWithFixedDelay(
                this::renewIfDue, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Trusts what the authorities say now, and shows a certificate of the one that is to sign ours: both in one step, for either alone might not verify. */
    public synchronized void follow() throws IssuanceRefusedException, AuthorityUnavailableException, IOException {
        List<TrustBundle> bundles = List.of(authorities.bundle());
        try {
            if (held.generation() == authorities.own().number()) {
                publisher.publishBundles(bundles);
            } else {
                issue(bundles);
            }
        } catch (SvidRejectedException e) {
            throw new IOException("certificate of " + id + ": " + e.getMessage(), e);
        }
    }

    private void issue(List<TrustBundle> bundles)
            throws IssuanceRefusedException, AuthorityUnavailableException, SvidRejectedException {
        Generation signer = authorities.own();
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        IssuedCertificate issued = signer.authority().issue(CertificateSigningRequest.der(keys), id, life);
        X509Svid svid = X509Svid.of(issued.chain(), keys.getPrivate());
        publisher.publish(svid, bundles);
        log.info("own certificate {} of generation {} until {}", svid.serial(), signer.number(), svid.notAfter());
        Instant due = RenewalSchedule.draw(clock.instant(), svid.notAfter(), random);
        held = new Held(signer.number(), due, svid.notAfter(), 0);
    }

    private synchronized void renewIfDue() {
        if (clock.instant().isBefore(held.due())) {
            return;
        }
        try {
            issue(List.of(authorities.bundle()));
        } catch (IssuanceRefusedException
                | AuthorityUnavailableException
                | SvidRejectedException
                | RuntimeException e) {
            log.error("own certificate could not be renewed; the current one ends at {}", held.notAfter(), e);
            int failures = held.failures() + 1;
            Instant next = RenewalSchedule.next(clock.instant(), held.due(), held.notAfter(), failures, random);
            held = new Held(held.generation(), next, held.notAfter(), failures);
        }
    }
}
