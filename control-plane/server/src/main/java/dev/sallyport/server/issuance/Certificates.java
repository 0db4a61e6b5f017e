package dev.sallyport.server.issuance;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.store.Store;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The inventory: every leaf that was handed out, whom to, by which method, and which certificate it succeeds. Never a private key: those stay in the sidecars. */
public final class Certificates {
    /** Ended certificates are kept this long for auditors, then removed. */
    private static final Duration KEEP_ENDED = Duration.ofDays(90);
    /** The leaf itself matters until nobody can be told any more that it is revoked. */
    private static final Duration KEEP_LEAF = Duration.ofDays(1);

    /** All but the leaf, which lists do not need, with what a successor and a revocation say of it. */
    private static final String SELECT = """
            select c.serial, c.identity, c.not_before, c.not_after, c.renew_at, c.issued_at, c.method, c.instance, c.key_hash,
                c.parent_serial, c.revoked, c.generation, c.issuer, c.origin, c.attested_at,
                (select min(s.issued_at) from certificates s where s.parent_serial = c.serial) as replaced_at,
                (select r.at from revocations r where r.serial = c.serial and r.serial <> '') as revoked_at
            from certificates c
            """;

    /**
     * A line of the inventory. {@code keyHash}: SHA-256 of the public key (hex); {@code parent}: the serial that was renewed; {@code origin} and {@code attestedAt}: by which method,
     * and when, the lineage began; {@code generation}: the number of the authority that signed it, {@code issuer}: the name of
     * the signing certificate; {@code replacedAt}: when it was renewed first.
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
            int generation,
            String issuer,
            String origin,
            Instant attestedAt,
            Optional<Instant> replacedAt,
            Optional<Instant> revokedAt) {
        /** For a test, not for use. */
        public boolean canary() {
            return method.equals(Method.CANARY.code());
        }
    }

    /** Which lines: {@code identity} {@code ""} for all; those that counted at or after {@code since}; {@code revokedToo}: also what was taken back. */
    public record Filter(String identity, Instant since, boolean revokedToo) {}

    private final Store store;

    public Certificates(Store store) {
        this.store = store;
    }

    /** What counts now, newest first; at most {@code limit}. */
    public List<Entry> valid(Instant now, int limit) {
        return list(new Filter("", now, false), limit);
    }

    /** Newest first; at most {@code limit}. What is said of each line is looked up for those alone that are shown. */
    public List<Entry> list(Filter filter, int limit) {
        String of = filter.identity().isEmpty() ? "" : " and identity = :identity";
        String counting = filter.revokedToo() ? "" : " and revoked = 0";
        return store.read(handle -> {
            Query query = handle.createQuery(SELECT
                            + " where c.serial in (select serial from certificates where not_after > :since" + of
                            + counting
                            + " order by issued_at desc, serial limit :limit) order by c.issued_at desc, c.serial")
                    .bind("since", filter.since().toEpochMilli())
                    .bind("limit", limit);
            return entries(filter.identity().isEmpty() ? query : query.bind("identity", filter.identity()));
        });
    }

    /** Whether an identity ever had one that is still on record. */
    public boolean any(String identity) {
        return store.read(handle -> handle.createQuery("select 1 from certificates where identity = ? limit 1")
                .bind(0, identity)
                .mapTo(Integer.class)
                .findOne()
                .isPresent());
    }

    public Optional<Entry> find(String serial) {
        return store.read(handle -> find(handle, serial));
    }

    /** The serials that begin so; at most two, for whoever wants to know whether it is one. */
    public List<String> startingWith(String digits) {
        return store.read(handle -> handle.createQuery(
                        "select serial from certificates where serial >= :from and serial < :from || 'g' order by serial limit 2")
                .bind("from", digits)
                .mapTo(String.class)
                .list());
    }

    /** The certificate itself, DER; empty once it has ended, and for those from before it was kept. */
    public Optional<byte[]> leaf(String serial) {
        return store.read(handle -> leaf(handle, serial));
    }

    static Optional<byte[]> leaf(Handle handle, String serial) {
        return handle.createQuery("select leaf from certificates where serial = ? and leaf is not null")
                .bind(0, serial)
                .mapTo(byte[].class)
                .findOne();
    }

    /** All that {@code serial} succeeds and all that succeed it, itself among them, oldest first; at most {@code limit}. */
    public List<Entry> lineage(String serial, int limit) {
        return store.read(handle -> entries(handle.createQuery(
                        """
                        with recursive before (serial) as (
                            select :serial union select c.parent_serial from before b join certificates c on c.serial = b.serial
                            where c.parent_serial is not null),
                        after (serial) as (
                            select :serial union select c.serial from after a join certificates c on c.parent_serial = a.serial)
                        """ + SELECT
                                + " where c.serial in (select serial from before union select serial from after) order by c.issued_at, c.serial limit :limit")
                .bind("serial", serial)
                .bind("limit", limit)));
    }

    /** When each certificate that is the newest of its lineage is to be renewed, from {@code now} on. */
    public List<Instant> planned(Instant now) {
        return store.read(handle -> handle.createQuery(
                        "select c.renew_at from certificates c where c.renew_at >= ? and c.revoked = 0 and c.method <> 'canary'"
                                + " and not exists (select 1 from certificates s where s.parent_serial = c.serial)")
                .bind(0, now.toEpochMilli())
                .map((row, _) -> Instant.ofEpochMilli(row.getLong(1)))
                .list());
    }

    public void forgetLongEnded(Instant now) {
        store.change(handle -> {
            handle.execute(
                    "update certificates set leaf = null where not_after < ? and leaf is not null",
                    now.minus(KEEP_LEAF).toEpochMilli());
            return handle.execute(
                    "delete from certificates where not_after < ?",
                    now.minus(KEEP_ENDED).toEpochMilli());
        });
    }

    static Optional<Entry> find(Handle handle, String serial) {
        return entries(handle.createQuery(SELECT + " where c.serial = ?").bind(0, serial)).stream()
                .findFirst();
    }

    static List<Entry> successors(Handle handle, String serial) {
        return entries(handle.createQuery(SELECT + " where c.parent_serial = ? order by c.issued_at")
                .bind(0, serial));
    }

    /** How many certificates of a key were handed out by {@code method} since {@code since}. */
    static int enrolled(Handle handle, SpiffeId identity, String keyHash, Method method, Instant since) {
        return handle.createQuery("select count(*) from certificates where key_hash = ? and identity = ? and method = ?"
                        + " and issued_at >= ?")
                .bind(0, keyHash)
                .bind(1, identity.toString())
                .bind(2, method.code())
                .bind(3, since.toEpochMilli())
                .mapTo(Integer.class)
                .one();
    }

    /** {@code entry} with its {@code leaf} (DER). */
    static void add(Handle handle, Entry entry, byte[] leaf) {
        handle.execute(
                "insert into certificates (serial, identity, not_before, not_after, renew_at, issued_at, method, instance, key_hash,"
                        + " parent_serial, generation, issuer, origin, attested_at, leaf) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                entry.serial(),
                entry.identity(),
                entry.notBefore().toEpochMilli(),
                entry.notAfter().toEpochMilli(),
                entry.renewAt().toEpochMilli(),
                entry.issuedAt().toEpochMilli(),
                entry.method(),
                entry.instance(),
                entry.keyHash(),
                entry.parent().orElse(null),
                entry.generation(),
                entry.issuer(),
                entry.origin(),
                entry.attestedAt().toEpochMilli(),
                leaf);
    }

    private static List<Entry> entries(Query query) {
        return query.map((row, _) -> entry(row)).list();
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
                row.getInt("generation"),
                row.getString("issuer"),
                row.getString("origin"),
                Instant.ofEpochMilli(row.getLong("attested_at")),
                moment(row, "replaced_at"),
                moment(row, "revoked_at"));
    }

    static Optional<Instant> moment(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
}
