package dev.sallyport.audit.tlog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The hashes of a growing tree, level by level, of each level only the tile that is not full yet: everything to its left is final. One thread. */
final class HashRows {
    /** Who takes the tiles that are done. */
    interface Sink {
        /** {@code hashes}: as many as are in the tile, from the beginning of an array that will be written again. */
        void tile(int level, long index, byte[] hashes, int count) throws IOException;
    }

    private static final int TILE_BYTES = TilePath.WIDTH * Hash.BYTES;

    private final TreeHasher hasher = new TreeHasher();
    private final List<Row> rows = new ArrayList<>();
    private long size;

    private static final class Row {
        final byte[] hashes = new byte[TILE_BYTES];
        int count;

        Row copy() {
            Row copy = new Row();
            System.arraycopy(hashes, 0, copy.hashes, 0, count * Hash.BYTES);
            copy.count = count;
            return copy;
        }
    }

    HashRows() {}

    HashRows(HashRows other) {
        size = other.size;
        other.rows.forEach(row -> rows.add(row.copy()));
    }

    /** Of a tree of {@code size} from its partial tiles, from level 0 up; they may have more than that. */
    static HashRows of(long size, List<byte[]> partialTiles) {
        HashRows rows = new HashRows();
        rows.size = size;
        long rest = size;
        for (byte[] tile : partialTiles) {
            Row row = new Row();
            row.count = (int) (rest % TilePath.WIDTH);
            System.arraycopy(tile, 0, row.hashes, 0, row.count * Hash.BYTES);
            rows.rows.add(row);
            rest /= TilePath.WIDTH;
        }
        return rows;
    }

    long size() {
        return size;
    }

    /** The leaf of {@code length} bytes from {@code from}; whether it filled the tile of leaves. */
    boolean append(byte[] bytes, int from, int length, Sink full) throws IOException {
        Row leaves = row(0);
        hasher.leaf(bytes, from, length, leaves.hashes, leaves.count * Hash.BYTES);
        return added(leaves, full);
    }

    /** The leaf whose hash stands at {@code at}. */
    void appendHash(byte[] hashes, int at, Sink full) throws IOException {
        Row leaves = row(0);
        System.arraycopy(hashes, at, leaves.hashes, leaves.count * Hash.BYTES, Hash.BYTES);
        added(leaves, full);
    }

    private boolean added(Row leaves, Sink full) throws IOException {
        leaves.count++;
        size++;
        if (leaves.count < TilePath.WIDTH) {
            return false;
        }
        carry(full);
        return true;
    }

    /** A full tile becomes one hash of the level above, which may fill that one too. */
    private void carry(Sink full) throws IOException {
        long index = size / TilePath.WIDTH - 1;
        for (int level = 0; row(level).count == TilePath.WIDTH; level++) {
            Row row = row(level);
            Row above = row(level + 1);
            hasher.perfect(row.hashes, 0, TilePath.WIDTH).copyTo(above.hashes, above.count * Hash.BYTES);
            above.count++;
            row.count = 0;
            full.tile(level, index, row.hashes, TilePath.WIDTH);
            index /= TilePath.WIDTH;
        }
    }

    private Row row(int level) {
        while (rows.size() <= level) {
            rows.add(new Row());
        }
        return rows.get(level);
    }

    /** Whether the last leaf is the hash at {@code at}. */
    boolean lastLeafIs(byte[] hashes, int at) {
        Row leaves = row(0);
        int last = ((leaves.count == 0 ? TilePath.WIDTH : leaves.count) - 1) * Hash.BYTES;
        return Arrays.equals(leaves.hashes, last, last + Hash.BYTES, hashes, at, at + Hash.BYTES);
    }

    /** The tiles that are not full. */
    void partials(Sink sink) throws IOException {
        long rest = size;
        for (int level = 0; level < rows.size(); level++) {
            Row row = rows.get(level);
            if (row.count > 0) {
                sink.tile(level, rest / TilePath.WIDTH, Arrays.copyOf(row.hashes, row.count * Hash.BYTES), row.count);
            }
            rest /= TilePath.WIDTH;
        }
    }

    /** The perfect subtrees of the right edge, the smallest and rightmost first, each the right side of what is to its left. */
    Tree tree() {
        @Nullable Hash root = null;
        for (Row row : rows) {
            int at = row.count;
            for (int width = 1; width < TilePath.WIDTH; width *= 2) {
                if ((row.count & width) != 0) {
                    at -= width;
                    Hash subtree = hasher.perfect(row.hashes, at, width);
                    root = root == null ? subtree : hasher.node(subtree, root);
                }
            }
        }
        return root == null ? Tree.EMPTY : new Tree(size, root);
    }
}
