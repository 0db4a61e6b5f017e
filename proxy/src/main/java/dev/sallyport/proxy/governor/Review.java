package dev.sallyport.proxy.governor;

import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidRejectedException.Reason;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.proxy.telemetry.ConnectionMetrics.End;
import dev.sallyport.proxy.tls.Peer;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What one change of trust makes of the peers that are connected. A leaf is judged once for all its connections and event loops, as ten thousand of them may be of fifty peers; two loops that ask in the same moment
 * judge it twice, for neither waits. Any thread.
 */
public final class Review {
    private final SvidVerifier verifier;
    /** By the leaf's fingerprint; as many as are connected, and for the time of the change. */
    private final ConcurrentHashMap<String, Optional<End>> verdicts = new ConcurrentHashMap<>();

    /** {@code verifier}: that of the handshakes. */
    public Review(SvidVerifier verifier) {
        this.verifier = verifier;
    }

    /** Why {@code peer} may not stay; empty if it may. */
    Optional<End> end(Peer peer) {
        Optional<End> known = verdicts.get(peer.fingerprint());
        if (known != null) {
            return known;
        }
        Optional<End> judged = judge(peer);
        verdicts.put(peer.fingerprint(), judged);
        return judged;
    }

    private Optional<End> judge(Peer peer) {
        try {
            verifier.verify(peer.chain());
            return Optional.empty();
        } catch (SvidRejectedException e) {
            // A root that is gone hides what was revoked under it; it must not win a thief the time of a drain.
            boolean revoked = e.reason() == Reason.REVOKED || verifier.revoked(peer.id(), peer.serial());
            return Optional.of(revoked ? End.REVOKED : End.UNTRUSTED);
        }
    }
}
