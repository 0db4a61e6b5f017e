package dev.sallyport.audit.tlog;

import java.util.List;

/** Verifies proofs (RFC 9162 sections 2.1.3.2 and 2.1.4.2). Any thread. */
public final class MerkleProof {
    /** No proof of a tree that a long can count is longer. */
    public static final int HASHES_MAX = 63;

    private MerkleProof() {}

    /** The leaf hash of an entry. */
    public static Hash leaf(byte[] entry) {
        return new TreeHasher().leaf(entry);
    }

    /** Whether {@code leaf} is number {@code index}, from 0, of the tree. */
    public static boolean included(Hash leaf, long index, Tree tree, List<Hash> proof) {
        if (index < 0 || index >= tree.size() || proof.size() > HASHES_MAX) {
            return false;
        }
        TreeHasher hasher = new TreeHasher();
        long node = index;
        long last = tree.size() - 1;
        Hash hash = leaf;
        for (Hash sibling : proof) {
            if (last == 0) {
                return false; // More hashes than levels: another proof of the same, or of something else.
            }
            if ((node & 1) == 1 || node == last) {
                hash = hasher.node(sibling, hash);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = hasher.node(hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && hash.equals(tree.root());
    }

    /** Whether {@code newer} holds all of {@code older}, in the same order, at its beginning. Of an empty tree nothing can be proved: false. */
    public static boolean consistent(Tree older, Tree newer, List<Hash> proof) {
        if (older.size() < 1 || older.size() > newer.size() || proof.size() > HASHES_MAX) {
            return false;
        }
        if (older.size() == newer.size()) {
            return proof.isEmpty() && older.root().equals(newer.root());
        }
        if (proof.isEmpty()) {
            return false;
        }
        TreeHasher hasher = new TreeHasher();
        long node = older.size() - 1;
        long last = newer.size() - 1;
        int skipped = Long.numberOfTrailingZeros(~node); // levels on which the old tree is a left side throughout
        node >>= skipped;
        last >>= skipped;
        // A perfect old tree is its own first hash.
        int at = node == 0 ? 0 : 1;
        Hash old = node == 0 ? older.root() : proof.getFirst();
        Hash now = old;
        for (; at < proof.size(); at++) {
            if (last == 0) {
                return false;
            }
            Hash sibling = proof.get(at);
            if ((node & 1) == 1 || node == last) {
                old = hasher.node(sibling, old);
                now = hasher.node(sibling, now);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                now = hasher.node(now, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && old.equals(older.root()) && now.equals(newer.root());
    }

    /** The largest power of two below {@code count}, which is at least 2. */
    static long split(long count) {
        return Long.highestOneBit(count - 1);
    }
}
