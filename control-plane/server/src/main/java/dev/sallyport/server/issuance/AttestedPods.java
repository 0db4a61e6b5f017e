package dev.sallyport.server.issuance;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Which key came first with the tokens of a pod that have not ended; the store knows a token's SHA-256 alone. */
final class AttestedPods {
    /** A token and the key that it came with. */
    record Use(String keyHash, Instant firstAt, Instant expires, boolean revoked) {}

    private AttestedPods() {}

    /** Of tokens that count no more. */
    static void forgetEnded(Handle handle, Instant now) {
        handle.execute("delete from attested_pods where expires < ?", now.toEpochMilli());
    }

    static List<Use> of(Handle handle, String podUid) {
        return handle.createQuery("select * from attested_pods where pod_uid = ? order by first_at")
                .bind(0, podUid)
                .map((row, _) -> new Use(
                        row.getString("key_hash"),
                        Instant.ofEpochMilli(row.getLong("first_at")),
                        Instant.ofEpochMilli(row.getLong("expires")),
                        row.getInt("revoked") != 0))
                .list();
    }

    /** The first use of a token; a later one changes nothing. */
    static void add(Handle handle, Claim claim, String keyHash, Instant now) {
        handle.execute(
                "insert or ignore into attested_pods (token_hash, pod_uid, identity, key_hash, first_at, expires) values (?, ?, ?, ?, ?, ?)",
                claim.proofHash(),
                claim.subject(),
                claim.identity().toString(),
                keyHash,
                now.toEpochMilli(),
                claim.expires().toEpochMilli());
    }

    static void revoke(Handle handle, String podUid) {
        handle.execute("update attested_pods set revoked = 1 where pod_uid = ?", podUid);
    }
}
