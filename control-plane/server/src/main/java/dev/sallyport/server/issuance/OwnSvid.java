package dev.sallyport.server.issuance;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.RenewalSchedule;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.ca.Authorities;
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
 * The control plane's own certificate, {@code spiffe://<trust domain>/sallyport/control-plane}: issued by the authority that signs to this process, key in memory alone, renewed on
 * schedule with no restart. No other way leads to a reserved identity.
 */
public final class OwnSvid {
    private static final Logger log = LoggerFactory.getLogger(OwnSvid.class);

    private final Authorities authorities;
    private final SpiffeId id;
    private final Duration life;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final SvidPublisher publisher = new SvidPublisher();

    public OwnSvid(Authorities authorities, TrustDomain trustDomain, Duration life, Clock clock) {
        this.authorities = authorities;
        this.id = SpiffeId.controlPlane(trustDomain);
        this.life = life;
        this.clock = clock;
    }

    public SvidSource source() {
        return publisher.source();
    }

    /** Gets the first one now and the next ones on {@code timer}. */
    public void start(ScheduledExecutorService timer) throws IOException {
        try {
            publisher.publishBundles(List.of(authorities.bundle()));
            schedule(timer, issue(), 0);
        } catch (IssuanceRefusedException | AuthorityUnavailableException | SvidRejectedException e) {
            throw new IOException("certificate of " + id + ": " + e.getMessage(), e);
        }
    }

    private record Times(Instant renewAt, Instant notAfter) {}

    private Times issue() throws IssuanceRefusedException, AuthorityUnavailableException, SvidRejectedException {
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        IssuedCertificate issued = authorities.active().issue(CertificateSigningRequest.der(keys), id, life);
        X509Svid svid = X509Svid.of(issued.chain(), keys.getPrivate());
        publisher.publish(svid);
        log.info("own certificate {} until {}", svid.serial(), svid.notAfter());
        return new Times(RenewalSchedule.draw(clock.instant(), svid.notAfter(), random), svid.notAfter());
    }

    private void schedule(ScheduledExecutorService timer, Times times, int failures) {
        Instant now = clock.instant();
        Instant next = RenewalSchedule.next(now, times.renewAt(), times.notAfter(), failures, random);
        timer.schedule(
                () -> renew(timer, times, failures), Duration.between(now, next).toMillis(), TimeUnit.MILLISECONDS);
    }

    private void renew(ScheduledExecutorService timer, Times times, int failures) {
        try {
            schedule(timer, issue(), 0);
        } catch (IssuanceRefusedException
                | AuthorityUnavailableException
                | SvidRejectedException
                | RuntimeException e) {
            log.error("own certificate could not be renewed; the current one ends at {}", times.notAfter(), e);
            schedule(timer, times, failures + 1);
        }
    }
}
