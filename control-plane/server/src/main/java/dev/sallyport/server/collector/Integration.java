package dev.sallyport.server.collector;

import dev.sallyport.audit.tlog.TilePath;
import dev.sallyport.audit.tlog.TiledLog;
import dev.sallyport.audit.tlog.Tree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what the journal has into the tiled log, then into the tables, then to the listeners, then lets the journal go: in this order a crash at any point leaves something to repeat,
 * and nothing to repeat twice, because an index says whether a leaf is there. One thread.
 */
final class Integration {
    private static final Logger log = LoggerFactory.getLogger(Integration.class);
    /** Of one append: a tenth of a second of hashing. */
    private static final long BYTES_AT_ONCE = 16L * 1024 * 1024;

    private static final int CATCH_UP_AT_ONCE = 4096;

    private final TiledLog tiled;
    private final Pending pending;
    private final Journal journal;
    private final StreamTable table;
    private final List<LogListener> listeners = new CopyOnWriteArrayList<>();

    Integration(TiledLog tiled, Pending pending, Journal journal, StreamTable table) {
        this.tiled = tiled;
        this.pending = pending;
        this.journal = journal;
        this.table = table;
    }

    void listen(LogListener listener) {
        listeners.add(listener);
    }

    /** Everything that is pending; the tree afterwards. IOException: the log's folder takes no more, and what is pending stays so. */
    Tree round() throws IOException {
        for (List<Frame> frames = pending.oldest(BYTES_AT_ONCE);
                !frames.isEmpty();
                frames = pending.oldest(BYTES_AT_ONCE)) {
            integrate(frames);
        }
        return tiled.tree();
    }

    private void integrate(List<Frame> frames) throws IOException {
        long from = tiled.size();
        List<byte[]> entries = new ArrayList<>();
        for (Frame frame : frames) {
            // After a crash, or a round that failed behind the append, a part may be there.
            int there = Math.clamp(from - frame.first(), 0, frame.leaves().size());
            entries.addAll(frame.leaves().subList(there, frame.leaves().size()));
        }
        tiled.append(entries);
        long size = tiled.size();
        save(size, frames);
        listeners.forEach(listener -> tell(listener, from, entries));
        pending.integrated(size);
        journal.release(size);
    }

    private void save(long size, List<Frame> frames) {
        List<StreamTable.Placed> seals = new ArrayList<>();
        for (Frame frame : frames) {
            frame.seal().ifPresent(seal -> seals.add(new StreamTable.Placed(seal, frame.end() - 1)));
        }
        saveSeals(size, seals);
    }

    private void saveSeals(long size, List<StreamTable.Placed> seals) {
        Map<String, StreamState> states = new HashMap<>();
        for (StreamTable.Placed placed : seals) {
            String name = placed.leaf().stream().text();
            Optional<StreamState> before = Optional.ofNullable(states.get(name)).or(() -> table.find(name));
            states.put(name, placed.leaf().applied(before));
        }
        table.integrated(size, states.values(), seals);
    }

    private static void tell(LogListener listener, long first, List<byte[]> entries) {
        try {
            listener.integrated(first, entries);
        } catch (RuntimeException e) {
            log.error("audit log: a listener failed at leaf {}; it has to catch up", first, e);
        }
    }

    /** Reads into the tables what the log has beyond them. IOException: the log is shorter than they say, or cannot be read. */
    void catchUp(String key) throws IOException {
        long known = table.size(key);
        if (known > tiled.size()) {
            throw new IOException("audit log: " + tiled.size() + " leaves (expected: at least " + known
                    + ", which the store has seen in it; restore the newer copy of the log's folder)");
        }
        for (long at = firstThere(known); at < tiled.size(); ) {
            List<byte[]> entries = tiled.entries(at, CATCH_UP_AT_ONCE);
            List<StreamTable.Placed> seals = new ArrayList<>();
            for (int i = 0; i < entries.size(); i++) {
                long index = at + i;
                SealLeaf.parse(entries.get(i)).ifPresent(seal -> seals.add(new StreamTable.Placed(seal, index)));
            }
            at += entries.size();
            saveSeals(at, seals);
        }
    }

    /** The first index from {@code index} on that was not pruned: a store that is lost, or much older, does not know it. */
    private long firstThere(long index) throws IOException {
        long at = index;
        IOException gone = new IOException("audit log: nothing is there from leaf " + index + " on");
        while (at < tiled.size()) {
            try {
                tiled.entries(at, 1);
                break;
            } catch (IOException e) {
                log.debug("audit log: leaf {} is not there", at, e);
                at = (at / TilePath.WIDTH + 1) * TilePath.WIDTH;
            }
        }
        if (at >= tiled.size() && index < tiled.size()) {
            throw gone;
        }
        if (at > index) {
            log.warn(
                    "audit log: leaves {} to {} are not there; they were pruned, or its folder is damaged",
                    index,
                    at - 1);
            table.pruned(at);
        }
        return at;
    }
}
