package dev.sallyport.server.collector;

import dev.sallyport.audit.tlog.TilePath;
import dev.sallyport.audit.tlog.TileStore;
import dev.sallyport.audit.tlog.TiledLog;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The log to those who read it: search, proofs, and whoever wants its files. Any thread; blocks. */
public final class AuditRecords {
    private final TiledLog tiled;
    private final TileStore store;
    private final Integration integration;
    private final StreamTable table;

    AuditRecords(TiledLog tiled, TileStore store, Integration integration, StreamTable table) {
        this.tiled = tiled;
        this.store = store;
        this.integration = integration;
        this.table = table;
    }

    /** How many leaves are durable in the log; readers of its files see those of the published checkpoint. */
    public long size() {
        return tiled.size();
    }

    /** The first index whose entry has not been pruned. */
    public long oldest() {
        return table.pruned();
    }

    /** At most {@code max} entries from {@code from} on, their exact bytes; fewer where the log ends. IOException also when one of them was pruned. */
    public List<byte[]> entries(long from, int max) throws IOException {
        return tiled.entries(from, max);
    }

    /** From now on {@code listener} hears of each stretch of entries, in order and without a gap; what is before the first one it hears of, it reads by {@link #entries}. */
    public void listen(LogListener listener) {
        integration.listen(listener);
    }

    /** For proofs. Only to be read. */
    public TiledLog log() {
        return tiled;
    }

    /** The published checkpoint as a signed note with its cosignatures; empty before the first. */
    public Optional<byte[]> checkpoint() throws IOException {
        return store.read(TilePath.CHECKPOINT);
    }

    /** A file that readers of a tiled log may ask for; empty when there is none of this name, or it is not theirs to see. */
    public Optional<byte[]> file(String path) throws IOException {
        return TilePath.isPublic(path) ? store.read(path) : Optional.empty();
    }
}
