package dev.sallyport.audit;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** The hash that a stored line should have, without garbage. One thread. */
final class LineHash {
    private static final byte[] DIGITS = new byte[128];
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    static {
        Arrays.fill(DIGITS, (byte) -1);
        for (int i = 0; i < HEX.length; i++) {
            DIGITS[HEX[i]] = (byte) i;
        }
    }

    private final MessageDigest sha256 = sha256();
    private final byte[] octets = new byte[HashChain.HASH_BYTES];
    private final byte[] hex = new byte[2 * HashChain.HASH_BYTES];

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of the platform", e);
        }
    }

    /** Takes the previous line's hash from its 64 digits; false when they are none, or not in lower case. */
    boolean decode(byte[] bytes, int from) {
        for (int i = 0; i < octets.length; i++) {
            int high = digit(bytes[from + 2 * i]);
            int low = digit(bytes[from + 2 * i + 1]);
            if ((high | low) < 0) {
                return false;
            }
            octets[i] = (byte) (high << 4 | low);
        }
        return true;
    }

    private static int digit(byte c) {
        return c < 0 ? -1 : DIGITS[c];
    }

    /** Of the line's bytes before its own hash, after the one that was decoded: 64 digits, good until the next call. */
    byte[] of(byte[] bytes, int from, int to) {
        sha256.update(octets);
        sha256.update(bytes, from, to - from);
        try {
            sha256.digest(octets, 0, octets.length);
        } catch (DigestException e) {
            throw new IllegalStateException("a hash of 32 bytes fits into 32 bytes", e);
        }
        for (int i = 0; i < octets.length; i++) {
            hex[2 * i] = HEX[octets[i] >> 4 & 0xf];
            hex[2 * i + 1] = HEX[octets[i] & 0xf];
        }
        return hex;
    }
}
