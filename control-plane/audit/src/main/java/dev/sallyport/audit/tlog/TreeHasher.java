package dev.sallyport.audit.tlog;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** RFC 6962 section 2.1: the hashes of leaves and nodes. The first byte keeps a node from passing for an entry. One thread. */
final class TreeHasher {
    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private final MessageDigest sha256 = sha256();

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of the platform", e);
        }
    }

    /** Of the tree without entries. */
    static Hash empty() {
        return Hash.of(sha256().digest());
    }

    /** The leaf of {@code length} bytes from {@code from}, to {@code target} at {@code at}. */
    void leaf(byte[] bytes, int from, int length, byte[] target, int at) {
        sha256.update(LEAF);
        sha256.update(bytes, from, length);
        digest(target, at);
    }

    Hash leaf(byte[] entry) {
        byte[] hash = new byte[Hash.BYTES];
        leaf(entry, 0, entry.length, hash, 0);
        return Hash.of(hash);
    }

    /** The parent of the two hashes at {@code left} and behind it, to {@code target} at {@code at}, which may be where they stand. */
    void node(byte[] pair, int left, byte[] target, int at) {
        sha256.update(NODE);
        sha256.update(pair, left, 2 * Hash.BYTES);
        digest(target, at);
    }

    Hash node(Hash left, Hash right) {
        byte[] pair = new byte[2 * Hash.BYTES];
        left.copyTo(pair, 0);
        right.copyTo(pair, Hash.BYTES);
        node(pair, 0, pair, 0);
        return Hash.of(pair, 0);
    }

    /** The root over {@code count} hashes from {@code from} in {@code hashes}; {@code count} is a power of two, at most a tile's width. */
    Hash perfect(byte[] hashes, int from, int count) {
        byte[] level = new byte[count * Hash.BYTES];
        System.arraycopy(hashes, from * Hash.BYTES, level, 0, level.length);
        for (int width = count; width > 1; width /= 2) {
            for (int i = 0; i < width / 2; i++) {
                node(level, 2 * i * Hash.BYTES, level, i * Hash.BYTES);
            }
        }
        return Hash.of(level, 0);
    }

    private void digest(byte[] target, int at) {
        try {
            sha256.digest(target, at, Hash.BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("a hash of 32 bytes fits into 32 bytes", e);
        }
    }
}
