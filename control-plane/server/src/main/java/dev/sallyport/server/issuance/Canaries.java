package dev.sallyport.server.issuance;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.Pem;
import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.ca.Generation;
import dev.sallyport.server.issuance.RefusedException.Reason;
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
    private final LeafSigning signing;
    private final Duration leafLife;
    private final Clock clock;

    Canaries(Store store, Authorities authorities, LeafSigning signing, Duration leafLife, Clock clock) {
        this.store = store;
        this.authorities = authorities;
        this.signing = signing;
        this.leafLife = leafLife;
        this.clock = clock;
    }

    /** {@code peer} has been found to be of a service that the Mesh declares, and not revoked. */
    public Wire.Issued issue(Peer peer, Wire.CanaryRequest request)
            throws RefusedException, AuthorityUnavailableException {
        Generation staged = authorities
                .staged(request.authority())
                .orElseThrow(
                        () -> new RefusedException(Reason.REQUEST, "authority (expected: the one that is staged now)"));
        Instant now = clock.instant();
        int had = store.read(handle -> Certificates.canaries(
                handle, peer.id(), request.instance(), staged.number(), now.minus(Duration.ofHours(1))));
        if (had >= HOURLY_MAX) {
            throw new RefusedException(Reason.REQUEST, "canary: " + had + " within an hour (expected: less)");
        }
        Duration life = leafLife.compareTo(LIFE) < 0 ? leafLife : LIFE;
        LeafSigning.Signed signed = signing.sign(staged, request.csrPem(), peer.id(), life);
        LeafSigning.Draft draft = new LeafSigning.Draft(peer.id(), Method.CANARY, request.instance(), Optional.empty());
        store.change(handle -> {
            RevocationRows.refuseBarred(handle, peer.id());
            Certificates.add(handle, signed.entry(draft, now, signed.notAfter()), signed.der());
            CertificateEvents.add(handle, signed.event(draft, now));
            return signed;
        });
        log.info(
                "canary {} of generation {} issued to {} until {}",
                signed.serial(),
                staged.number(),
                peer.id(),
                signed.notAfter());
        return new Wire.Issued(Pem.encode(signed.issued().chain()), signed.notAfter(), now);
    }
}
