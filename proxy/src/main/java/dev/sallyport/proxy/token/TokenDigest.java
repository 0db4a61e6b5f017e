package dev.sallyport.proxy.token;

import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of a token: what a cache is asked by, so that no token is kept. One that is computed again and again to look something up; {@link #copy} is what a map keeps. Not thread-safe. */
final class TokenDigest {
    private final MessageDigest sha256;
    private final ByteBuffer hash = ByteBuffer.allocate(32);

    private TokenDigest(MessageDigest sha256) {
        this.sha256 = sha256;
    }

    static TokenDigest create() {
        try {
            return new TokenDigest(MessageDigest.getInstance("SHA-256"));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** One more part of what {@link #of} will make the digest of, with its length, so that no two lists of parts are alike. */
    TokenDigest with(byte[] bytes, int from, int to) {
        int length = to - from;
        sha256.update((byte) (length >> 24));
        sha256.update((byte) (length >> 16));
        sha256.update((byte) (length >> 8));
        sha256.update((byte) length);
        sha256.update(bytes, from, length);
        return this;
    }

    /** Becomes the digest of bytes [from, to). */
    void of(byte[] bytes, int from, int to) {
        sha256.update(bytes, from, to - from);
        try {
            sha256.digest(hash.array(), 0, hash.capacity());
        } catch (DigestException e) {
            throw new IllegalStateException("32 bytes hold a SHA-256", e);
        }
    }

    /** One that stays as it is. */
    TokenDigest copy() {
        TokenDigest copy = new TokenDigest(sha256);
        copy.hash.put(0, hash.array());
        return copy;
    }

    @Override
    public int hashCode() {
        return hash.getInt(0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenDigest that && hash.equals(that.hash);
    }
}
