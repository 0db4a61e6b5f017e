package dev.sallyport.audit.tlog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Entries, subtree hashes and proofs from the tiles of a tree of one size. What it reads is believed. For one question; one thread. */
final class TileReader {
    private final TileStore store;
    private final long size;
    private final long available;
    private final TreeHasher hasher = new TreeHasher();
    private final Map<String, byte[]> tiles = new HashMap<>();

    /** {@code available}: the size of the tree whose files are there, at least {@code size}. */
    TileReader(TileStore store, long size, long available) {
        this.store = store;
        this.size = size;
        this.available = available;
    }

    /** {@code max} entries from {@code from}, as far as the tree goes. */
    List<byte[]> entries(long from, int max) throws IOException {
        List<byte[]> entries = new ArrayList<>();
        long end = Math.min(size, from + max);
        for (long at = from; at < end; ) {
            long bundle = at / TilePath.WIDTH;
            int first = (int) (at % TilePath.WIDTH);
            int last = (int) Math.min(TilePath.WIDTH, end - bundle * TilePath.WIDTH);
            entries.addAll(bundle(bundle, last).subList(first, last));
            at += last - first;
        }
        return entries;
    }

    /** The first {@code count} entries of a bundle. */
    List<byte[]> bundle(long index, int count) throws IOException {
        int width = width(available, index);
        byte[] bytes = read(TilePath.entries(index, width), TilePath.entries(index, TilePath.WIDTH));
        return EntryBundle.entries(bytes, count)
                .orElseThrow(() -> new IOException(TilePath.entries(index, width) + ": fewer entries than " + count));
    }

    /** The hashes of a tile, as many as the tree has there. */
    byte[] tile(int level, long index) throws IOException {
        int width = width(size >> 8 * level, index);
        String path = TilePath.tile(level, index, width(available >> 8 * level, index));
        byte[] known = tiles.get(path);
        if (known != null) {
            return known;
        }
        byte[] bytes = read(path, TilePath.tile(level, index, TilePath.WIDTH));
        if (bytes.length < width * Hash.BYTES) {
            throw new IOException(path + ": " + bytes.length + " bytes (expected: " + width * Hash.BYTES + ")");
        }
        byte[] tile = Arrays.copyOf(bytes, width * Hash.BYTES);
        tiles.put(path, tile);
        return tile;
    }

    private static int width(long hashes, long index) {
        return (int) Math.min(TilePath.WIDTH, hashes - index * TilePath.WIDTH);
    }

    /** A partial file may be gone once its full one is there. */
    private byte[] read(String path, String fullPath) throws IOException {
        Optional<byte[]> bytes = store.read(path);
        if (bytes.isEmpty() && !path.equals(fullPath)) {
            bytes = store.read(fullPath);
        }
        return bytes.orElseThrow(() -> new MissingTileException(path));
    }

    /** The hash of the entries from {@code from} to before {@code to}, where {@code from} is a multiple of the next power of two of their number. */
    private Hash range(long from, long to) throws IOException {
        long count = to - from;
        if (Long.bitCount(count) == 1) {
            int height = Long.numberOfTrailingZeros(count);
            int level = height / 8;
            long first = from >> 8 * level;
            byte[] tile = tile(level, first / TilePath.WIDTH);
            return hasher.perfect(tile, (int) (first % TilePath.WIDTH), 1 << height % 8);
        }
        long middle = from + MerkleProof.split(count);
        return hasher.node(range(from, middle), range(middle, to));
    }

    Hash root() throws IOException {
        return size == 0 ? Tree.EMPTY.root() : range(0, size);
    }

    /** RFC 6962 section 2.1.1, the sibling of the leaf first. */
    List<Hash> inclusion(long index) throws IOException {
        List<Hash> proof = new ArrayList<>();
        long from = 0;
        long to = size;
        while (to - from > 1) {
            long middle = from + MerkleProof.split(to - from);
            if (index < middle) {
                proof.add(range(middle, to));
                to = middle;
            } else {
                proof.add(range(from, middle));
                from = middle;
            }
        }
        return proof.reversed();
    }

    /** RFC 6962 section 2.1.2: {@code old} is at least 1. */
    List<Hash> consistency(long old) throws IOException {
        List<Hash> proof = new ArrayList<>();
        long from = 0;
        long to = size;
        boolean whole = true; // whether the old tree is the subtree that we are in, whose hash the verifier knows
        while (old != to) {
            long middle = from + MerkleProof.split(to - from);
            if (old <= middle) {
                proof.add(range(middle, to));
                to = middle;
            } else {
                proof.add(range(from, middle));
                from = middle;
                whole = false;
            }
        }
        if (!whole) {
            proof.add(range(from, to));
        }
        return proof.reversed();
    }
}
