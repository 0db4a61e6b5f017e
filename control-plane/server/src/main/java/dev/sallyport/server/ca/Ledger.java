package dev.sallyport.server.ca;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.server.ca.GenerationRow.State;
import dev.sallyport.server.ca.Phase.Side;
import dev.sallyport.server.store.Store;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Generations, rotations, exclusions and canaries in the store. Every method is one transaction, durable when it returns. Any thread; blocks. */
final class Ledger {
    private final Store store;
    private final TrustDomain trustDomain;

    Ledger(Store store, TrustDomain trustDomain) {
        this.store = store;
        this.trustDomain = trustDomain;
    }

    List<GenerationRow> generations() {
        return store.read(handle -> handle.createQuery("select * from ca_generations order by number")
                .map((row, _) -> generation(row))
                .list());
    }

    /** The first of all, at the first start. */
    void found(AuthorityKind kind, TrustBundle roots, Instant now) {
        store.change(handle -> handle.execute(
                "insert into ca_generations (number, kind, state, roots, created_at, activated_at) values (1, ?, ?, ?, ?, ?)",
                kind.code(),
                State.ACTIVE.code(),
                roots.toPem(),
                now.toEpochMilli(),
                now.toEpochMilli()));
    }

    void roots(int generation, TrustBundle roots) {
        store.change(handle ->
                handle.execute("update ca_generations set roots = ? where number = ?", roots.toPem(), generation));
    }

    /** The newest rotation, over or not. */
    Optional<Rotation> latest() {
        return store.read(Ledger::latest);
    }

    /** As {@link #latest()}, in the transaction of {@code handle}. */
    static Optional<Rotation> latest(Handle handle) {
        return handle.createQuery("select * from ca_rotations order by id desc limit 1")
                .map((row, _) -> rotation(handle, row))
                .findOne();
    }

    /** Begins one, with the next number for its new generation. */
    Rotation begin(
            Subject subject,
            int from,
            AuthorityKind kind,
            boolean emergency,
            List<String> excluded,
            String by,
            Instant now) {
        return store.change(handle -> {
            int to = handle.createQuery("select max(number) + 1 from ca_generations")
                    .mapTo(Integer.class)
                    .one();
            long at = now.toEpochMilli();
            handle.execute(
                    "insert into ca_generations (number, kind, state, created_at) values (?, ?, ?, ?)",
                    to,
                    kind.code(),
                    State.STAGED.code(),
                    at);
            handle.execute(
                    "insert into ca_rotations (subject, from_generation, to_generation, phase, changed_at, started_by, started_at,"
                            + " emergency) values (?, ?, ?, ?, ?, ?, ?, ?)",
                    subject.code(),
                    from,
                    to,
                    Phase.STAGE.code(),
                    at,
                    by,
                    at,
                    emergency ? 1 : 0);
            int id = latest(handle).orElseThrow().id();
            exclude(handle, id, excluded, by, at);
            return latest(handle).orElseThrow();
        });
    }

    /** As {@link #move}, on the way back; {@code because} says why. An emergency was one on the way forward: those who followed are waited for. */
    Rotation abort(Rotation rotation, Phase next, String because, Instant now) {
        return store.change(handle -> {
            handle.execute("update ca_rotations set because = ?, emergency = 0 where id = ?", because, rotation.id());
            return move(handle, rotation, next, now);
        });
    }

    /** Into {@code next}, with what that means for both generations; what was in the way is over. */
    Rotation move(Rotation rotation, Phase next, Instant now) {
        return store.change(handle -> move(handle, rotation, next, now));
    }

    private static Rotation move(Handle handle, Rotation rotation, Phase next, Instant now) {
        long at = now.toEpochMilli();
        handle.execute(
                "update ca_rotations set phase = ?, changed_at = ?, problem = null where id = ?",
                next.code(),
                at,
                rotation.id());
        for (Side side : Side.values()) {
            handle.execute(
                    "update ca_generations set state = ? where number = ?",
                    state(next, side).code(),
                    rotation.number(side));
        }
        if (next == Phase.REISSUE) {
            handle.execute("update ca_rotations set because = null where id = ?", rotation.id());
            handle.execute("update ca_generations set activated_at = ? where number = ?", at, rotation.to());
        }
        if (next.over()) {
            int gone = next == Phase.DONE ? rotation.from() : rotation.to();
            handle.execute("update ca_generations set retired_at = ? where number = ?", at, gone);
        }
        return latest(handle).orElseThrow();
    }

    private static State state(Phase phase, Side side) {
        if (phase.signs() == side) {
            return State.ACTIVE;
        }
        return switch (phase) {
            case STAGE, DISTRIBUTE, ACTIVATE -> State.STAGED;
            case REISSUE, RETIRE, RETURN, WITHDRAW -> State.LEAVING;
            case DONE -> State.RETIRED;
            case ABORTED -> State.ABORTED;
        };
    }

    void problem(Rotation rotation, Optional<String> problem) {
        store.change(handle -> handle.execute(
                "update ca_rotations set problem = ? where id = ?", problem.orElse(null), rotation.id()));
    }

    Rotation exclude(Rotation rotation, Collection<String> names, String by, Instant now) {
        return store.change(handle -> {
            exclude(handle, rotation.id(), names, by, now.toEpochMilli());
            return latest(handle).orElseThrow();
        });
    }

    private static void exclude(Handle handle, int rotation, Collection<String> names, String by, long at) {
        for (String name : names) {
            handle.execute(
                    "insert or ignore into ca_excluded (rotation, name, excluded_by, at) values (?, ?, ?, ?)",
                    rotation,
                    name,
                    by,
                    at);
        }
    }

    Rotation emergency(Rotation rotation) {
        return store.change(handle -> {
            handle.execute("update ca_rotations set emergency = 1 where id = ?", rotation.id());
            return latest(handle).orElseThrow();
        });
    }

    /** Replaces what the instance said before. */
    void canary(Rotation rotation, Instance instance, Optional<String> refused, Instant now) {
        store.change(handle -> handle.execute(
                "insert or replace into ca_canaries (rotation, identity, instance, refused, at) values (?, ?, ?, ?, ?)",
                rotation.id(),
                instance.identity(),
                instance.id(),
                refused.orElse(null),
                now.toEpochMilli()));
    }

    /** What instances said last; an empty value is a pass. */
    Map<Instance, Optional<String>> canaries(Rotation rotation) {
        Map<Instance, Optional<String>> said = new HashMap<>();
        store.read(handle -> {
            handle.createQuery("select identity, instance, refused from ca_canaries where rotation = ?")
                    .bind(0, rotation.id())
                    .map((row, _) -> said.put(
                            new Instance(row.getString("identity"), row.getString("instance")),
                            Optional.ofNullable(row.getString("refused"))))
                    .list();
            return said;
        });
        return said;
    }

    private GenerationRow generation(ResultSet row) throws SQLException {
        String kind = row.getString("kind");
        return new GenerationRow(
                row.getInt("number"),
                AuthorityKind.of(kind).orElseThrow(() -> new SQLException("ca_generations: kind " + kind)),
                State.of(row.getString("state")),
                roots(row.getString("roots")),
                Instant.ofEpochMilli(row.getLong("created_at")),
                moment(row, "activated_at"),
                moment(row, "retired_at"));
    }

    private Optional<TrustBundle> roots(@org.jspecify.annotations.Nullable String pem) throws SQLException {
        try {
            return pem == null ? Optional.empty() : Optional.of(TrustBundle.ofPem(trustDomain, pem));
        } catch (SvidRejectedException e) {
            throw new SQLException("ca_generations: " + e.getMessage(), e);
        }
    }

    private static Optional<Instant> moment(ResultSet row, String column) throws SQLException {
        long at = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(at));
    }

    private static Rotation rotation(Handle handle, ResultSet row) throws SQLException {
        int id = row.getInt("id");
        String subject = row.getString("subject");
        List<String> excluded = handle.createQuery("select name from ca_excluded where rotation = ?")
                .bind(0, id)
                .mapTo(String.class)
                .list();
        return new Rotation(
                id,
                Subject.of(subject).orElseThrow(() -> new SQLException("ca_rotations: subject " + subject)),
                row.getInt("from_generation"),
                row.getInt("to_generation"),
                Phase.of(row.getString("phase")),
                Instant.ofEpochMilli(row.getLong("changed_at")),
                row.getString("started_by"),
                Instant.ofEpochMilli(row.getLong("started_at")),
                row.getInt("emergency") != 0,
                Set.copyOf(excluded),
                Optional.ofNullable(row.getString("problem")),
                Optional.ofNullable(row.getString("because")));
    }
}
