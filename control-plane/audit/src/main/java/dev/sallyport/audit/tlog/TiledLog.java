package dev.sallyport.audit.tlog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An append-only log on a {@link TileStore}. Appends from one thread at a time; reads from any thread.
 *
 * <p>First the tiles and bundles are made durable, then {@code tree}, the size and root that they hold: a crash in between leaves files beyond the tree, which the next append writes
 * anew; nobody can have seen them, because a checkpoint is signed afterwards.
 */
public final class TiledLog {
    /** Bytes of an entry: its length is a uint16. */
    public static final int ENTRY_BYTES_MAX = EntryBundle.ENTRY_BYTES_MAX;

    /** The size and root of what is durable, which a published checkpoint may be behind. */
    private static final String TREE = "tree";
    /** Full files that wait in memory before they are written. */
    private static final int FILES_MAX = 256;
    /** A partial file that a reader looks for may be replaced by its full one meanwhile. */
    private static final int TRIES_MAX = 5;

    private final TileStore store;
    private Edge edge; // guarded by this
    private volatile Tree tree;

    private TiledLog(TileStore store, Edge edge, Tree tree) {
        this.store = store;
        this.edge = edge;
        this.tree = tree;
    }

    /** Goes on where the log ended, or begins one. IOException when its right edge is damaged. */
    public static TiledLog open(TileStore store) throws IOException {
        Optional<byte[]> stored = store.read(TREE);
        if (stored.isEmpty()) {
            return new TiledLog(store, new Edge(), Tree.EMPTY);
        }
        Tree tree = parse(stored.get());
        TileReader reader = new TileReader(store, tree.size(), tree.size());
        List<byte[]> tiles = new ArrayList<>();
        int level = 0;
        for (long rest = tree.size(); rest > 0; rest /= TilePath.WIDTH) {
            tiles.add(rest % TilePath.WIDTH == 0 ? new byte[0] : reader.tile(level, rest / TilePath.WIDTH));
            level++;
        }
        int entries = (int) (tree.size() % TilePath.WIDTH);
        Edge edge = Edge.of(
                tree.size(), tiles, entries == 0 ? List.of() : reader.bundle(tree.size() / TilePath.WIDTH, entries));
        Tree found = edge.tree();
        if (!found.equals(tree)) {
            throw new IOException("tiled log: its tiles have the root " + found.root() + " (expected: " + tree.root()
                    + ", of the file " + TREE + "; restore the folder from a copy)");
        }
        return new TiledLog(store, edge, tree);
    }

    private static Tree parse(byte[] stored) throws IOException {
        return Checkpoint.tree(
                        new String(stored, StandardCharsets.UTF_8).lines().toList())
                .orElseThrow(() -> new IOException(
                        "tiled log: file " + TREE + " is damaged (expected: a size and a root, a line each)"));
    }

    public long size() {
        return tree.size();
    }

    /** What is durable. */
    public Tree tree() {
        return tree;
    }

    /**
     * Adds entries at the end; returns the index of the first. When it returns, they are durable. IOException: nothing was added. IllegalArgumentException: an entry is longer than
     * {@link #ENTRY_BYTES_MAX}.
     */
    public synchronized long append(List<byte[]> entries) throws IOException {
        long first = tree.size();
        if (entries.isEmpty()) {
            return first;
        }
        for (byte[] entry : entries) {
            if (entry.length > ENTRY_BYTES_MAX) {
                throw new IllegalArgumentException(
                        "entry: " + entry.length + " bytes (expected: at most " + ENTRY_BYTES_MAX + ")");
            }
        }
        Edge grown = new Edge(edge);
        Map<String, byte[]> files = new LinkedHashMap<>();
        List<String> full = new ArrayList<>();
        for (byte[] entry : entries) {
            grown.append(entry, files);
            if (files.size() >= FILES_MAX) {
                flush(files, full);
            }
        }
        full.addAll(files.keySet());
        grown.partials(files);
        store.write(files);
        Tree now = grown.tree();
        store.write(TREE, (now.size() + "\n" + now.root() + "\n").getBytes(StandardCharsets.UTF_8));
        edge = grown;
        tree = now;
        for (String path : full) {
            store.delete(TilePath.partials(path));
        }
        return first;
    }

    private void flush(Map<String, byte[]> files, List<String> full) throws IOException {
        store.write(new HashMap<>(files));
        full.addAll(files.keySet());
        files.clear();
    }

    /** The exact bytes of an entry. IOException also when it was pruned. */
    public byte[] entry(long index) throws IOException {
        Tree now = tree;
        check(index >= 0 && index < now.size(), "entry " + index, now);
        return entries(index, 1).getFirst();
    }

    /** At most {@code max} entries from {@code from} on; fewer where the log ends. */
    public List<byte[]> entries(long from, int max) throws IOException {
        check(from >= 0 && max >= 0, "entries from " + from, tree);
        return read(size(), reader -> reader.entries(from, max));
    }

    /** That the entry {@code index} is in the tree of {@code size}: {@link MerkleProof#included}. */
    public List<Hash> inclusion(long index, long size) throws IOException {
        Tree now = tree;
        check(index >= 0 && index < size && size <= now.size(), "entry " + index + " in a tree of " + size, now);
        return read(size, reader -> reader.inclusion(index));
    }

    /** That the tree of {@code size} begins with that of {@code old}: {@link MerkleProof#consistent}. Empty where either is empty or both are the same. */
    public List<Hash> consistency(long old, long size) throws IOException {
        Tree now = tree;
        check(old >= 0 && old <= size && size <= now.size(), "trees of " + old + " and " + size, now);
        return old == 0 ? List.of() : read(size, reader -> reader.consistency(old));
    }

    /** The tree that the log had at {@code size}. */
    public Tree treeAt(long size) throws IOException {
        Tree now = tree;
        check(size >= 0 && size <= now.size(), "tree of " + size, now);
        return size == now.size() ? now : new Tree(size, read(size, TileReader::root));
    }

    private interface Question<T> {
        T ask(TileReader reader) throws IOException;
    }

    /** Partial files are there for the sizes at which appends ended, so the newest ones are read. */
    private <T> T read(long size, Question<T> question) throws IOException {
        for (int tries = 1; ; tries++) {
            try {
                return question.ask(new TileReader(store, size, tree.size()));
            } catch (MissingTileException e) {
                if (tries == TRIES_MAX) {
                    throw e;
                }
            }
        }
    }

    private static void check(boolean holds, String what, Tree tree) {
        if (!holds) {
            throw new IllegalArgumentException(what + " (expected: within a tree of " + tree.size() + ")");
        }
    }
}
