package dev.sallyport.audit.tlog;

import dev.sallyport.audit.AuditFields;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * What a sidecar's record says at its end: its number, the hash of the record before, and its own, which it recomputes: SHA-256(previous hash ‖ the bytes before the last member). Read
 * from its last byte backwards, so that nothing inside a record can pass for its end. One after the other; one thread.
 */
final class RecordLine {
    private static final int HEX = 2 * Hash.BYTES;
    private static final byte[] HASH_KEY = key(AuditFields.HASH, "\"");
    private static final byte[] PREVIOUS_KEY = key(AuditFields.PREVIOUS_HASH, "\"");
    private static final byte[] NUMBER_KEY = key(AuditFields.NUMBER, "");
    private static final byte[] EVENT_KEY =
            ("\"" + AuditFields.EVENT_NAME + "\":\"").getBytes(StandardCharsets.US_ASCII);
    /** The event's name stands behind the timestamp, or first. */
    private static final int EVENT_WITHIN = 64;

    private static final int NUMBER_DIGITS_MAX = 18;

    private final MessageDigest sha256 = TreeHasher.sha256();
    private final byte[] computed = new byte[Hash.BYTES];
    final byte[] previous = new byte[Hash.BYTES];
    final byte[] hash = new byte[Hash.BYTES];
    long number;

    private static byte[] key(String name, String quote) {
        return (",\"" + name + "\":" + quote).getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether the bytes end as a record does; then its fields are set. */
    boolean read(byte[] bytes, int from, int to) {
        int hashAt = to - 2 - HEX;
        int hashKey = hashAt - HASH_KEY.length;
        int previousAt = hashKey - 1 - HEX;
        int previousKey = previousAt - PREVIOUS_KEY.length;
        return previousKey > from
                && bytes[to - 1] == '}'
                && bytes[to - 2] == '"'
                && matches(bytes, hashKey, HASH_KEY)
                && bytes[hashKey - 1] == '"'
                && matches(bytes, previousKey, PREVIOUS_KEY)
                && hex(bytes, hashAt, hash)
                && hex(bytes, previousAt, previous)
                && number(bytes, from, previousKey);
    }

    /** Whether the record of {@link #read} has the hash that it says. */
    boolean holds(byte[] bytes, int from, int to) {
        sha256.update(previous);
        sha256.update(bytes, from, to - from - 2 - HEX - HASH_KEY.length);
        try {
            sha256.digest(computed, 0, Hash.BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("a hash of 32 bytes fits into 32 bytes", e);
        }
        return Arrays.equals(computed, hash);
    }

    /** Digits that end before {@code end}, and their key before them. */
    private boolean number(byte[] bytes, int from, int end) {
        int at = end;
        long value = 0;
        long unit = 1;
        while (at > from && bytes[at - 1] >= '0' && bytes[at - 1] <= '9' && end - at < NUMBER_DIGITS_MAX) {
            at--;
            value += (bytes[at] - '0') * unit;
            unit *= 10;
        }
        number = value;
        int key = at - NUMBER_KEY.length;
        return at < end && key > from && matches(bytes, key, NUMBER_KEY);
    }

    private static boolean matches(byte[] bytes, int at, byte[] expected) {
        return Arrays.equals(bytes, at, at + expected.length, expected, 0, expected.length);
    }

    private static boolean hex(byte[] bytes, int at, byte[] target) {
        for (int i = 0; i < target.length; i++) {
            int high = digit(bytes[at + 2 * i]);
            int low = digit(bytes[at + 2 * i + 1]);
            if ((high | low) < 0) {
                return false;
            }
            target[i] = (byte) (high << 4 | low);
        }
        return true;
    }

    private static int digit(byte c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }

    /** Whether the leaf is of this event; its name stands near the beginning. */
    static boolean isEvent(byte[] bytes, int from, int to, byte[] quotedName) {
        int last = Math.min(from + EVENT_WITHIN, to - EVENT_KEY.length - quotedName.length);
        for (int at = from; at < last; at++) {
            if (bytes[at] == '"' && matches(bytes, at, EVENT_KEY)) {
                return matches(bytes, at + EVENT_KEY.length, quotedName);
            }
        }
        return false;
    }

    /** For {@link #isEvent}: with the quote that ends it. */
    static byte[] quoted(String event) {
        return (event + "\"").getBytes(StandardCharsets.US_ASCII);
    }
}
