package dev.sallyport.server.issuance;

import dev.sallyport.server.issuance.RefusedException.Reason;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What a certificate that a handshake proved counts for here, by the inventory as it is in the transaction of the look. */
final class InventoryCheck {
    private InventoryCheck() {}

    /** The certificate that {@code peer} shows: known, neither revoked nor of a revoked identity, and more than a canary, which would else outlive what it was asked for with. */
    static Certificates.Entry held(Handle handle, Peer peer) throws RefusedException {
        return refuseRevoked(handle, peer)
                .orElseThrow(() -> new RefusedException(
                        Reason.UNPROVEN,
                        "certificate " + peer.serial()
                                + " is not in the inventory (expected: join again with a new token)"));
    }

    /** What is not in the inventory is not known to be revoked: empty. */
    static Optional<Certificates.Entry> refuseRevoked(Handle handle, Peer peer) throws RefusedException {
        RevocationRows.refuseBarred(handle, peer.id());
        Optional<Certificates.Entry> entry = Certificates.find(handle, peer.serial());
        if (entry.filter(Certificates.Entry::revoked).isPresent()) {
            throw new RefusedException(
                    Reason.REVOKED,
                    "certificate " + peer.serial() + " is revoked (expected: join again with a new token)");
        }
        if (entry.filter(Certificates.Entry::canary).isPresent()) {
            throw new RefusedException(
                    Reason.UNPROVEN,
                    "certificate " + peer.serial()
                            + " is a canary, for one test handshake (expected: the certificate that it was asked for with)");
        }
        return entry;
    }

    /** Instances are what limits and gates count by: who could choose one anew each time would have no limit. */
    static void refuseOther(Certificates.Entry held, String instance) throws RefusedException {
        if (!held.instance().equals(instance)) {
            throw new RefusedException(
                    Reason.REQUEST,
                    "instance (expected: the one that certificate " + held.serial() + " was issued to)");
        }
    }
}
