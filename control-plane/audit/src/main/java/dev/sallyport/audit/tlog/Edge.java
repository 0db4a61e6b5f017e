package dev.sallyport.audit.tlog;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The right edge of a growing tree: of each level the hashes of the tile that is not full yet, and the entries of the last bundle. Everything to its left is final. One thread. */
final class Edge {
    private static final int TILE_BYTES = TilePath.WIDTH * Hash.BYTES;

    private final TreeHasher hasher = new TreeHasher();
    private final List<Level> levels = new ArrayList<>();
    private final ByteArrayOutputStream bundle = new ByteArrayOutputStream();
    private long size;

    private static final class Level {
        final byte[] hashes = new byte[TILE_BYTES];
        int count;
    }

    Edge() {}

    /** So that an append that fails leaves nothing behind. */
    Edge(Edge other) {
        size = other.size;
        bundle.writeBytes(other.bundle.toByteArray());
        for (Level level : other.levels) {
            Level copy = new Level();
            System.arraycopy(level.hashes, 0, copy.hashes, 0, level.count * Hash.BYTES);
            copy.count = level.count;
            levels.add(copy);
        }
    }

    /** The edge of a tree of {@code size} as its partial tiles have it, from level 0 up, and its partial bundle; both may have more than that. */
    static Edge of(long size, List<byte[]> partialTiles, List<byte[]> partialBundle) {
        Edge edge = new Edge();
        edge.size = size;
        long rest = size;
        for (byte[] tile : partialTiles) {
            Level level = new Level();
            level.count = (int) (rest % TilePath.WIDTH);
            System.arraycopy(tile, 0, level.hashes, 0, level.count * Hash.BYTES);
            edge.levels.add(level);
            rest /= TilePath.WIDTH;
        }
        partialBundle.forEach(entry -> EntryBundle.append(edge.bundle, entry));
        return edge;
    }

    /** Files that became full are put into {@code full}. */
    void append(byte[] entry, Map<String, byte[]> full) {
        Level leaves = level(0);
        hasher.leaf(entry, 0, entry.length, leaves.hashes, leaves.count * Hash.BYTES);
        EntryBundle.append(bundle, entry);
        if (++leaves.count == TilePath.WIDTH) {
            full.put(TilePath.entries(size / TilePath.WIDTH, TilePath.WIDTH), bundle.toByteArray());
            bundle.reset();
            carry(full);
        }
        size++;
    }

    /** A full tile becomes one hash of the level above, which may fill that one too. */
    private void carry(Map<String, byte[]> full) {
        long index = size / TilePath.WIDTH;
        for (int l = 0; level(l).count == TilePath.WIDTH; l++) {
            Level level = level(l);
            full.put(TilePath.tile(l, index, TilePath.WIDTH), level.hashes.clone());
            Level above = level(l + 1);
            hasher.perfect(level.hashes, 0, TilePath.WIDTH).copyTo(above.hashes, above.count * Hash.BYTES);
            above.count++;
            level.count = 0;
            index /= TilePath.WIDTH;
        }
    }

    private Level level(int l) {
        while (levels.size() <= l) {
            levels.add(new Level());
        }
        return levels.get(l);
    }

    /** The partial tiles and the partial bundle. */
    void partials(Map<String, byte[]> files) {
        long rest = size;
        for (int l = 0; l < levels.size(); l++) {
            Level level = levels.get(l);
            if (level.count > 0) {
                byte[] tile = new byte[level.count * Hash.BYTES];
                System.arraycopy(level.hashes, 0, tile, 0, tile.length);
                files.put(TilePath.tile(l, rest / TilePath.WIDTH, level.count), tile);
            }
            rest /= TilePath.WIDTH;
        }
        if (bundle.size() > 0) {
            files.put(TilePath.entries(size / TilePath.WIDTH, (int) (size % TilePath.WIDTH)), bundle.toByteArray());
        }
    }

    /** The perfect subtrees of the edge, the smallest and rightmost first, each the right side of what is to its left. */
    Tree tree() {
        @Nullable Hash root = null;
        for (Level level : levels) {
            int at = level.count;
            for (int width = 1; width < TilePath.WIDTH; width *= 2) {
                if ((level.count & width) != 0) {
                    at -= width;
                    Hash subtree = hasher.perfect(level.hashes, at, width);
                    root = root == null ? subtree : hasher.node(subtree, root);
                }
            }
        }
        return root == null ? Tree.EMPTY : new Tree(size, root);
    }
}
