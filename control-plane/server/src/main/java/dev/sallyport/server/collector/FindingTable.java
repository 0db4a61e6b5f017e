package dev.sallyport.server.collector;

import dev.sallyport.server.store.Store;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/** Findings in the store. Any thread; blocks. */
final class FindingTable {
    /** Bits of {@code recorded}: which leaves are durable. */
    static final int OPENING = 1;

    static final int END = 2;

    private static final Pattern MORE = Pattern.compile("; at least ([0-9]{1,9}) more$");

    private final Store store;

    FindingTable(Store store) {
        this.store = store;
    }

    /** Empty when one of this kind about this subject is open already. */
    Optional<Finding> open(FindingKind kind, String subject, String detail, Instant now) {
        return store.change(handle -> {
            int made = handle.execute(
                    "insert or ignore into audit_findings (kind, subject, detail, since) values (?, ?, ?, ?)",
                    kind.code(),
                    subject,
                    detail,
                    now.toEpochMilli());
            return made == 0
                    ? Optional.<Finding>empty()
                    : handle.createQuery(
                                    "select * from audit_findings where kind = ? and subject = ? and until is null")
                            .bind(0, kind.code())
                            .bind(1, subject)
                            .map((row, _) -> finding(row))
                            .findOne();
        });
    }

    /** Says at the end of its detail that at least {@code n} more of its kind are about the same service; never fewer than it says already. */
    void more(long id, int n) {
        store.change(handle -> {
            Optional<Finding> found = find(handle, id);
            if (found.isEmpty()) {
                return 0;
            }
            Matcher said = MORE.matcher(found.get().detail());
            boolean before = said.find();
            int most = Math.max(n, before ? Integer.parseInt(said.group(1)) : 0);
            String detail = before
                    ? found.get().detail().substring(0, said.start())
                    : found.get().detail();
            return handle.execute(
                    "update audit_findings set detail = ? where id = ?", detail + "; at least " + most + " more", id);
        });
    }

    /** Ends it; empty when it is not open. */
    Optional<Finding> end(long id, String resolution, Instant now) {
        return store.change(handle -> {
            int ended = handle.execute(
                    "update audit_findings set until = ?, resolution = ? where id = ? and until is null",
                    now.toEpochMilli(),
                    resolution,
                    id);
            return ended == 0 ? Optional.<Finding>empty() : find(handle, id);
        });
    }

    Optional<Finding> find(long id) {
        return store.read(handle -> find(handle, id));
    }

    private static Optional<Finding> find(Handle handle, long id) {
        return handle.createQuery("select * from audit_findings where id = ?")
                .bind(0, id)
                .map((row, _) -> finding(row))
                .findOne();
    }

    List<Finding> open() {
        return store.read(handle -> handle.createQuery("select * from audit_findings where until is null order by id")
                .map((row, _) -> finding(row))
                .list());
    }

    /** Newest first. */
    List<Finding> all(int limit) {
        return store.read(handle -> handle.createQuery("select * from audit_findings order by id desc limit ?")
                .bind(0, limit)
                .map((row, _) -> finding(row))
                .list());
    }

    /** Those of which a leaf is still missing. */
    List<Finding> unrecorded(int limit) {
        return store.read(handle -> handle.createQuery(
                        "select * from audit_findings where recorded & 1 = 0 or (until is not null and recorded & 2 = 0)"
                                + " order by id limit ?")
                .bind(0, limit)
                .map((row, _) -> finding(row))
                .list());
    }

    int recorded(long id) {
        return store.read(handle -> handle.createQuery("select recorded from audit_findings where id = ?")
                .bind(0, id)
                .mapTo(Integer.class)
                .one());
    }

    void recorded(long id, int leaf) {
        store.change(
                handle -> handle.execute("update audit_findings set recorded = recorded | ? where id = ?", leaf, id));
    }

    private static Finding finding(ResultSet row) throws SQLException {
        long until = row.getLong("until");
        boolean ended = !row.wasNull();
        return new Finding(
                row.getLong("id"),
                FindingKind.of(row.getString("kind")).orElseThrow(),
                row.getString("subject"),
                row.getString("detail"),
                Instant.ofEpochMilli(row.getLong("since")),
                ended ? Optional.of(Instant.ofEpochMilli(until)) : Optional.empty(),
                Optional.of(row.getString("resolution")).filter(text -> !text.isEmpty()));
    }
}
