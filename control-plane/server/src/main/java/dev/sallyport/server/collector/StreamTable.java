package dev.sallyport.server.collector;

import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.store.Store;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What the tiled log says of streams, up to {@link #size}; read from it again when the store is older than the log. Any thread; blocks. */
final class StreamTable {
    /** As often as a sidecar may repeat itself after it lost every answer; older ones cannot be told from another history any more. */
    private static final int BATCHES_KEPT = 256;

    private final Store store;

    StreamTable(Store store) {
        this.store = store;
    }

    /** How much of the log with this key the tables say; 0 for another log than before: the streams go on in it. */
    long size(String key) {
        return store.change(handle -> {
            Optional<Long> known = handle.createQuery("select size from audit_log where key = ?")
                    .bind(0, key)
                    .mapTo(Long.class)
                    .findOne();
            if (known.isEmpty()) {
                handle.execute("insert or replace into audit_log (id, key, size) values (1, ?, 0)", key);
                handle.execute("delete from audit_batches");
            }
            return known.orElse(0L);
        });
    }

    /** Those that {@link Streams} has room for: of each identity first those that have not ended, and the newest. */
    List<StreamState> streams() throws IOException {
        try {
            return store.read(handle -> handle.createQuery(
                            "select * from (select *, row_number() over (partition by identity order by ended, newest desc)"
                                    + " as place from audit_streams) where place <= ? order by newest desc limit ?")
                    .bind(0, Streams.OF_ONE_MAX)
                    .bind(1, Streams.STREAMS_MAX)
                    .map((row, _) -> stream(row))
                    .list());
        } catch (IllegalStateException e) {
            throw new IOException(String.valueOf(e.getMessage()), e);
        }
    }

    Optional<StreamState> find(String stream) {
        return store.read(handle -> handle.createQuery("select * from audit_streams where stream = ?")
                .bind(0, stream)
                .map((row, _) -> stream(row))
                .findOne());
    }

    private static StreamState stream(ResultSet row) throws SQLException {
        try {
            return new StreamState(
                    StreamName.parse(row.getString("stream")),
                    SpiffeId.parse(row.getString("identity")),
                    row.getLong("last"),
                    row.getString("head"),
                    Instant.ofEpochMilli(row.getLong("since")),
                    Instant.ofEpochMilli(row.getLong("newest")),
                    row.getInt("ended") == 1);
        } catch (BatchRefusedException | InvalidSpiffeIdException e) {
            throw new IllegalStateException("store: audit_streams: " + e.getMessage(), e);
        }
    }

    /** A seal in the log, at this index. */
    record Placed(SealLeaf leaf, long index) {}

    /** The log has {@code size} leaves now; {@code states} are the newest of the streams that {@code seals} are of. */
    void integrated(long size, Collection<StreamState> states, List<Placed> seals) {
        store.change(handle -> {
            handle.execute("update audit_log set size = ?", size);
            states.forEach(state -> save(handle, state));
            seals.forEach(seal -> save(handle, seal));
            states.forEach(state -> handle.execute(
                    "delete from audit_batches where stream = ? and last < (select last from audit_batches where stream = ?"
                            + " order by last desc limit 1 offset " + BATCHES_KEPT + ")",
                    state.name().text(),
                    state.name().text()));
            return size;
        });
    }

    private static void save(Handle handle, StreamState state) {
        handle.execute(
                "insert or replace into audit_streams (stream, identity, last, head, since, newest, ended) values (?, ?, ?, ?, ?, ?, ?)",
                state.name().text(),
                state.identity().toString(),
                state.last(),
                state.head(),
                state.since().toEpochMilli(),
                state.newest().toEpochMilli(),
                state.ended() ? 1 : 0);
    }

    private static void save(Handle handle, Placed seal) {
        handle.execute(
                "insert or replace into audit_batches (stream, last, first, position) values (?, ?, ?, ?)",
                seal.leaf().stream().text(),
                seal.leaf().seal().last(),
                seal.leaf().first(),
                seal.index() - seal.leaf().records());
    }

    /** Records {@code first} to {@code last} of a stream, the first of them at index {@code position} of the log. */
    record Batch(long first, long last, long position) {}

    /** The newest known batch that has one of these records. */
    Optional<Batch> holding(String stream, long first, long last) {
        return store.read(handle -> handle.createQuery(
                        "select first, last, position from audit_batches where stream = ? and last >= ? and first <= ? order by last desc limit 1")
                .bind(0, stream)
                .bind(1, first)
                .bind(2, last)
                .map((row, _) -> new Batch(row.getLong("first"), row.getLong("last"), row.getLong("position")))
                .findOne());
    }

    /** Streams that nobody has added to for longer than anybody is asked about. */
    List<String> forget(Instant now, Duration keep) {
        return store.change(handle -> {
            long before = now.minus(keep).toEpochMilli();
            List<String> old = handle.createQuery("select stream from audit_streams where newest < ?")
                    .bind(0, before)
                    .mapTo(String.class)
                    .list();
            handle.execute(
                    "delete from audit_batches where stream in (select stream from audit_streams where newest < ?)",
                    before);
            handle.execute("delete from audit_streams where newest < ?", before);
            return old;
        });
    }

    /** The first index whose entries are still there. */
    long pruned() {
        return store.read(handle -> handle.createQuery("select pruned from audit_log")
                .mapTo(Long.class)
                .findOne()
                .orElse(0L));
    }

    /** Leaves of certificates may be among what is gone: those that still count get new ones. */
    void pruned(long below) {
        store.change(handle -> {
            handle.execute("delete from audit_certificates");
            return handle.execute("update audit_log set pruned = ?", below);
        });
    }
}
