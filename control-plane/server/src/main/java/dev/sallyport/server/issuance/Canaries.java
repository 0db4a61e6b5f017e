package dev.sallyport.server.issuance;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.ca.Generation;
import dev.sallyport.server.store.Store;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves of the authority that is to sign soon, for the asker's own identity: long enough for a test handshake, and in the inventory like every other. Any thread; blocks.
 */
public final class Canaries {
    private static final Logger log = LoggerFactory.getLogger(Canaries.class);
    private static final Duration LIFE = Duration.ofMinutes(10);
    /** One instance needs one, and some more for what gets lost; what is beyond would only fill the inventory. */
    private static final int HOURLY_MAX = 60;

    private final Store store;
    private final Authorities authorities;
    private final Duration leafLife;
    private final Clock clock;

    public Canaries(Store store, Authorities authorities, Duration leafLife, Clock clock) {
        this.store = store;
        this.authorities = authorities;
        this.leafLife = leafLife;
        this.clock = clock;
    }

    /** {@code peer} has been found to be of a service that the Mesh declares, and not revoked. */
    public Wire.Issued issue(Peer peer, Wire.CanaryRequest request)
            throws RefusedException, AuthorityUnavailableException {
        Generation staged = authorities
                .staged(request.authority())
                .orElseThrow(() -> new RefusedException("authority (expected: the one that is staged now)"));
        Instant now = clock.instant();
        int had = store.read(handle -> Certificates.canaries(
                handle, peer.id(), request.instance(), staged.number(), now.minus(Duration.ofHours(1))));
        if (had >= HOURLY_MAX) {
            throw new RefusedException("canary: " + had + " within an hour (expected: less)");
        }
        Duration life = leafLife.compareTo(LIFE) < 0 ? leafLife : LIFE;
        IssuedCertificate issued = Issuance.sign(staged, request.csrPem(), request.instance(), peer.id(), life);
        Instant end = issued.leaf().getNotAfter().toInstant();
        store.change(handle -> {
            Certificates.add(
                    handle,
                    issued,
                    staged.number(),
                    peer.id(),
                    now,
                    end,
                    Certificates.Method.CANARY,
                    request.instance(),
                    Optional.empty());
            return issued;
        });
        log.info(
                "canary {} of generation {} issued to {} until {}",
                X509Svid.serialOf(issued.leaf()),
                staged.number(),
                peer.id(),
                end);
        return new Wire.Issued(Pem.encode(issued.chain()), end, now);
    }
}
