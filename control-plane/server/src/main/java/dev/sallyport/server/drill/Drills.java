package dev.sallyport.server.drill;

import dev.sallyport.server.store.Store;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The record of drills: who ran what when, and whether anybody noticed. Any thread; blocks. */
public final class Drills {
    /** Years of weekly drills. */
    private static final int KEPT = 1000;

    /**
     * What came of one. {@code passed}: no request failed, and what was practised happened; {@code detail}: its phases and what went wrong, for people. Latencies in microseconds, if there was load of its own.
     */
    public record Outcome(
            String kind,
            Instant startedAt,
            Instant endedAt,
            long requests,
            long failed,
            Optional<Long> p50Micros,
            Optional<Long> p99Micros,
            boolean passed,
            String detail) {}

    /** {@code by}: the person whose certificate reported it. */
    public record Drill(long id, String by, Outcome outcome) {}

    private final Store store;

    public Drills(Store store) {
        this.store = store;
    }

    /** Its number. */
    public long add(String by, Outcome outcome) {
        return store.change(handle -> {
            long id = handle.createQuery("select coalesce(max(id), 0) + 1 from drills")
                    .mapTo(Long.class)
                    .one();
            handle.execute("delete from drills where id <= ?", id - KEPT);
            handle.execute(
                    "insert into drills (id, kind, run_by, started_at, ended_at, requests, failed, p50_micros, p99_micros, passed, detail)"
                            + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    id,
                    outcome.kind(),
                    by,
                    outcome.startedAt().toEpochMilli(),
                    outcome.endedAt().toEpochMilli(),
                    outcome.requests(),
                    outcome.failed(),
                    outcome.p50Micros().orElse(null),
                    outcome.p99Micros().orElse(null),
                    outcome.passed() ? 1 : 0,
                    outcome.detail());
            return id;
        });
    }

    /** Newest first. */
    public List<Drill> all() {
        return store.read(handle -> handle.createQuery("select * from drills order by id desc")
                .map((row, _) -> drill(row))
                .list());
    }

    private static Drill drill(ResultSet row) throws SQLException {
        return new Drill(
                row.getLong("id"),
                row.getString("run_by"),
                new Outcome(
                        row.getString("kind"),
                        Instant.ofEpochMilli(row.getLong("started_at")),
                        Instant.ofEpochMilli(row.getLong("ended_at")),
                        row.getLong("requests"),
                        row.getLong("failed"),
                        optional(row, "p50_micros"),
                        optional(row, "p99_micros"),
                        row.getInt("passed") != 0,
                        row.getString("detail")));
    }

    private static Optional<Long> optional(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(value);
    }
}
