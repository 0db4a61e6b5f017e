package dev.sallyport.server.issuance;

import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.store.Store;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** The inventory: every leaf that was handed out, whom to, by which method, and which certificate it succeeds. Never a private key: those stay in the sidecars. */
public final class Certificates {
    /** Ended certificates are kept this long for auditors, then removed. */
    private static final Duration KEEP_ENDED = Duration.ofDays(90);

    /** How the identity was proven. */
    public enum Method {
        JOIN_TOKEN("join-token"),
        RENEWAL("renewal"),
        /** The current certificate, for a test of the next authority: lives minutes, is never renewed, and no certificate succeeds it. */
        CANARY("canary");

        private final String code;

        Method(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    /**
     * A line of the inventory. {@code keyHash}: SHA-256 of the public key (hex); {@code parent}: the serial that was renewed; {@code generation}: the number of the authority that
     * signed it.
     */
    public record Entry(
            String serial,
            String identity,
            Instant notBefore,
            Instant notAfter,
            Instant renewAt,
            Instant issuedAt,
            String method,
            String instance,
            String keyHash,
            Optional<String> parent,
            boolean revoked,
            int generation) {
        /** For a test, not for use. */
        public boolean canary() {
            return method.equals(Method.CANARY.code());
        }
    }

    private final Store store;

    public Certificates(Store store) {
        this.store = store;
    }

    /** What has not ended yet, newest first; at most {@code limit}. */
    public List<Entry> valid(Instant now, int limit) {
        return store.read(handle -> handle.createQuery(
                        "select * from certificates where not_after > ? order by issued_at desc, serial limit ?")
                .bind(0, now.toEpochMilli())
                .bind(1, limit)
                .map((row, _) -> entry(row))
                .list());
    }

    public void forgetLongEnded(Instant now) {
        store.change(handle -> handle.execute(
                "delete from certificates where not_after < ?",
                now.minus(KEEP_ENDED).toEpochMilli()));
    }

    static Optional<Entry> find(Handle handle, String serial) {
        return handle.createQuery("select * from certificates where serial = ?")
                .bind(0, serial)
                .map((row, _) -> entry(row))
                .findOne();
    }

    static List<Entry> successors(Handle handle, String serial) {
        return handle.createQuery("select * from certificates where parent_serial = ? order by issued_at")
                .bind(0, serial)
                .map((row, _) -> entry(row))
                .list();
    }

    /** How many certificates of a key were handed out against a join token since {@code since}. */
    static int enrolled(Handle handle, SpiffeId identity, String keyHash, Instant since) {
        return handle.createQuery("select count(*) from certificates where key_hash = ? and identity = ? and method = ?"
                        + " and issued_at >= ?")
                .bind(0, keyHash)
                .bind(1, identity.toString())
                .bind(2, Method.JOIN_TOKEN.code())
                .bind(3, since.toEpochMilli())
                .mapTo(Integer.class)
                .one();
    }

    /**
     * Revokes the whole lineage that a key belongs to: the key's certificates, those they succeed, all that succeed any of these, and the join tokens bound to a key among them,
     * which would start the lineage anew. Which holder is the impostor is unknown, so no branch is spared.
     */
    static Set<String> revokeLineage(Handle handle, SpiffeId identity, String keyHash) {
        List<String> serials = handle.createQuery("""
                        with recursive lineage (serial, parent_serial, key_hash) as (
                            select serial, parent_serial, key_hash from certificates where key_hash = :key and identity = :identity
                            union
                            select c.serial, c.parent_serial, c.key_hash from lineage l join certificates c
                            on c.parent_serial = l.serial or c.serial = l.parent_serial or c.key_hash = l.key_hash
                            where c.identity = :identity)
                        select serial from lineage""")
                .bind("key", keyHash)
                .bind("identity", identity.toString())
                .mapTo(String.class)
                .list();
        for (String serial : serials) {
            handle.execute("update certificates set revoked = 1 where serial = ?", serial);
            handle.execute(
                    "update join_tokens set revoked = 1 where key_hash = (select key_hash from certificates where serial = ?)",
                    serial);
        }
        return Set.copyOf(serials);
    }

    static void add(
            Handle handle,
            IssuedCertificate issued,
            int generation,
            SpiffeId identity,
            Instant now,
            Instant renewAt,
            Method method,
            String instance,
            Optional<String> parent) {
        handle.execute(
                "insert into certificates (serial, identity, not_before, not_after, renew_at, issued_at, method, instance, key_hash,"
                        + " parent_serial, generation) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                X509Svid.serialOf(issued.leaf()),
                identity.toString(),
                issued.leaf().getNotBefore().toInstant().toEpochMilli(),
                issued.leaf().getNotAfter().toInstant().toEpochMilli(),
                renewAt.toEpochMilli(),
                now.toEpochMilli(),
                method.code(),
                instance,
                Hashes.sha256(issued.leaf().getPublicKey().getEncoded()),
                parent.orElse(null),
                generation);
    }

    /** How many canaries of a generation an instance has had. */
    static int canaries(Handle handle, SpiffeId identity, String instance, int generation, Instant since) {
        return handle.createQuery("select count(*) from certificates where identity = ? and instance = ? and method = ?"
                        + " and generation = ? and issued_at >= ?")
                .bind(0, identity.toString())
                .bind(1, instance)
                .bind(2, Method.CANARY.code())
                .bind(3, generation)
                .bind(4, since.toEpochMilli())
                .mapTo(Integer.class)
                .one();
    }

    private static Entry entry(ResultSet row) throws SQLException {
        return new Entry(
                row.getString("serial"),
                row.getString("identity"),
                Instant.ofEpochMilli(row.getLong("not_before")),
                Instant.ofEpochMilli(row.getLong("not_after")),
                Instant.ofEpochMilli(row.getLong("renew_at")),
                Instant.ofEpochMilli(row.getLong("issued_at")),
                row.getString("method"),
                row.getString("instance"),
                row.getString("key_hash"),
                Optional.ofNullable(row.getString("parent_serial")),
                row.getInt("revoked") != 0,
                row.getInt("generation"));
    }
}
