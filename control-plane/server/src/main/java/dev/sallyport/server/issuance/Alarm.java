package dev.sallyport.server.issuance;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.issuance.CertificateEvent.Draft;
import dev.sallyport.server.issuance.CertificateEvent.Kind;
import java.time.Instant;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Two hold what only one can have. Which of them is the impostor is unknown, so the lineage of {@code firstKey} is taken from both. {@code refusal}: what the second is told. */
record Alarm(SpiffeId identity, String firstKey, String what, String refusal) {
    static Alarm ofProof(Method method, Claim claim, String firstKey, String instance) {
        String proof = method.code() + (claim.subject().isEmpty() ? "" : " of pod " + claim.subject());
        return new Alarm(
                claim.identity(),
                firstKey,
                proof + " of " + claim.identity() + " was used with a second key by instance " + instance,
                proof + ": already used by another key; it is revoked now (expected: a new one for each sidecar)");
    }

    static Alarm ofRenewal(Peer peer, String firstKey) {
        return new Alarm(
                peer.id(),
                firstKey,
                "certificate " + peer.serial() + " of " + peer.id() + " was renewed before with another key",
                "renewal: certificate " + peer.serial()
                        + " was renewed before with another key; its lineage is suspended now (expected: one renewal each; join again with a new token)");
    }

    /** Takes the lineage back, in the transaction that found it; {@code what} then says so, for the operator. */
    Alarm raised(Handle handle, LeafSigning.Draft asked, Instant now) {
        CertificateEvents.add(
                handle,
                new Draft(
                        now,
                        Kind.ALARM,
                        asked.parent().map(Certificates.Entry::serial).orElse(""),
                        identity.toString(),
                        asked.instance(),
                        asked.method().code(),
                        "",
                        what,
                        1));
        Set<String> taken = RevocationRows.takeLineage(
                handle, identity, firstKey, new RevocationStore.Act("control plane", what), now);
        String told = what + ": what came of it (" + taken.size()
                + " certificates that had not ended) is revoked; one of the two is not who it says";
        return new Alarm(identity, firstKey, told, refusal);
    }
}
