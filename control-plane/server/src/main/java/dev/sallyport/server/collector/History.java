package dev.sallyport.server.collector;

import dev.sallyport.audit.tlog.TiledLog;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a batch that comes again from one of another history, by a record of it that the log has. The collector's thread, where nothing else is said; it may read the disk. */
final class History {
    private static final Logger log = LoggerFactory.getLogger(History.class);

    private final TiledLog tiled;
    private final Pending pending;
    private final StreamTable table;

    History(TiledLog tiled, Pending pending, StreamTable table) {
        this.tiled = tiled;
        this.pending = pending;
        this.table = table;
    }

    /** A stream that is not among the {@link Streams} in memory, as the journal and the store have it: none begins anew under a name that the log knows. Any thread. */
    Optional<StreamState> state(String stream) {
        // In this order: what leaves the former meanwhile is in the latter.
        Optional<SealLeaf> newest = pending.newestFirst().stream()
                .flatMap(frame -> frame.seal().stream())
                .filter(seal -> seal.stream().text().equals(stream))
                .findFirst();
        Optional<StreamState> stored = table.find(stream);
        return newest.map(seal -> seal.applied(stored)).or(() -> stored);
    }

    /**
     * The number of a record of {@code batch} that differs from the log's. The newest one that both have is compared: with it all before it are the same or not, by their chains.
     * Empty also where the log no longer knows: nothing is added by such a batch, so nothing is forged by it.
     */
    Optional<Long> firstOther(VerifiedBatch batch, List<Frame> group) {
        try {
            Optional<Found> found = find(batch, group);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            long number = found.get().number();
            RecordLine stored = new LineReader().read(found.get().leaf(), "record " + number);
            return stored.hash().equals(batch.line(number).hash()) ? Optional.empty() : Optional.of(number);
        } catch (IOException | BatchRefusedException e) {
            log.warn(
                    "audit stream {}: an older batch cannot be compared: {}",
                    batch.stream().text(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    private record Found(long number, byte[] leaf) {}

    private Optional<Found> find(VerifiedBatch batch, List<Frame> group) throws IOException {
        for (Frame frame : group.reversed()) {
            Optional<Found> found = in(frame, batch);
            if (found.isPresent()) {
                return found;
            }
        }
        for (Frame frame : pending.newestFirst()) {
            Optional<Found> found = in(frame, batch);
            if (found.isPresent()) {
                return found;
            }
        }
        Optional<StreamTable.Batch> placed = table.holding(
                batch.stream().text(), batch.seal().first(), batch.seal().last());
        if (placed.isEmpty()) {
            return Optional.empty();
        }
        long number = Math.min(placed.get().last(), batch.seal().last());
        long index = placed.get().position() + number - placed.get().first();
        return Optional.of(new Found(number, tiled.entry(index)));
    }

    private static Optional<Found> in(Frame frame, VerifiedBatch batch) {
        if (frame.seal().isEmpty() || !frame.seal().get().stream().equals(batch.stream())) {
            return Optional.empty();
        }
        SealLeaf seal = frame.seal().get();
        long number = Math.min(seal.seal().last(), batch.seal().last());
        return number < Math.max(seal.first(), batch.seal().first())
                ? Optional.empty()
                : Optional.of(new Found(number, frame.leaves().get((int) (number - seal.first()))));
    }
}
