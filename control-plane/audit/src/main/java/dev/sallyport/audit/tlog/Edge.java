package dev.sallyport.audit.tlog;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Where a log grows: the rows of its hashes, and the entries of the last bundle. One thread. */
final class Edge {
    private final HashRows rows;
    private final ByteArrayOutputStream bundle = new ByteArrayOutputStream();

    private Edge(HashRows rows) {
        this.rows = rows;
    }

    Edge() {
        this(new HashRows());
    }

    /** So that an append that fails leaves nothing behind. */
    Edge(Edge other) {
        this(new HashRows(other.rows));
        bundle.writeBytes(other.bundle.toByteArray());
    }

    /** {@link HashRows#of}, and the entries of the partial bundle. */
    static Edge of(long size, List<byte[]> partialTiles, List<byte[]> partialBundle) {
        Edge edge = new Edge(HashRows.of(size, partialTiles));
        partialBundle.forEach(entry -> EntryBundle.append(edge.bundle, entry));
        return edge;
    }

    /** Files that became full are put into {@code full}. */
    void append(byte[] entry, Map<String, byte[]> full) throws IOException {
        EntryBundle.append(bundle, entry);
        if (rows.append(entry, 0, entry.length, into(full))) {
            full.put(TilePath.entries(rows.size() / TilePath.WIDTH - 1, TilePath.WIDTH), bundle.toByteArray());
            bundle.reset();
        }
    }

    /** The partial tiles and the partial bundle. */
    void partials(Map<String, byte[]> files) throws IOException {
        rows.partials(into(files));
        if (bundle.size() > 0) {
            long size = rows.size();
            files.put(TilePath.entries(size / TilePath.WIDTH, (int) (size % TilePath.WIDTH)), bundle.toByteArray());
        }
    }

    private static HashRows.Sink into(Map<String, byte[]> files) {
        return (level, index, hashes, count) ->
                files.put(TilePath.tile(level, index, count), Arrays.copyOf(hashes, count * Hash.BYTES));
    }

    Tree tree() {
        return rows.tree();
    }
}
