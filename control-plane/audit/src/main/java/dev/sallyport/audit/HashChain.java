package dev.sallyport.audit;

import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A line is its record, then its number, then the previous line's hash, then its own: SHA-256(previous hash ‖ the line's bytes before {@code ,"audit.sequence.hash"}). So each line
 * proves itself and everything before it. One thread.
 */
final class HashChain {
    static final int HASH_BYTES = 32;
    static final String GENESIS = "0".repeat(2 * HASH_BYTES);
    private static final byte[] HASH_KEY = (",\"" + AuditFields.HASH + "\":\"").getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\"}\n".getBytes(StandardCharsets.US_ASCII);
    /** Of what follows the hashed bytes, without the line feed. */
    static final int SUFFIX_BYTES = HASH_KEY.length + 2 * HASH_BYTES + END.length - 1;

    private final MessageDigest sha256 = LineHash.sha256();
    private final byte[] head;
    private long number;

    /** {@code head}: the last line's hash, hex; {@link #GENESIS} before the first. {@code number}: the last line's, 0 before the first. */
    HashChain(String head, long number) {
        this.head = HexFormat.of().parseHex(head);
        this.number = number;
    }

    /** Where the chain stands, to come back to when a write fails. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    record Mark(byte[] head, long number) {}

    Mark mark() {
        return new Mark(head.clone(), number);
    }

    void reset(Mark mark) {
        System.arraycopy(mark.head(), 0, head, 0, HASH_BYTES);
        number = mark.number();
    }

    /** The last line's. */
    long number() {
        return number;
    }

    /** Leaves numbers out: a crash may have taken the records that had them. */
    void skip(long numbers) {
        number += numbers;
    }

    /** Ends the next line, which begins at {@code start} as an object without its closing brace. */
    void seal(JsonBuffer lines, int start) {
        lines.name(AuditFields.NUMBER);
        lines.number(number + 1);
        lines.name(AuditFields.PREVIOUS_HASH);
        lines.append('"');
        lines.hex(head);
        lines.append('"');
        sha256.update(head);
        sha256.update(lines.array(), start, lines.length() - start);
        try {
            sha256.digest(head, 0, HASH_BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("a hash of 32 bytes fits into 32 bytes", e);
        }
        number++;
        lines.append(HASH_KEY);
        lines.hex(head);
        lines.append(END);
    }

    /** Whether the line (without its line feed) ends as every line does. */
    static boolean wellFormed(byte[] bytes, int from, int to) {
        int start = to - SUFFIX_BYTES;
        return start > from
                && bytes[to - 1] == '}'
                && bytes[to - 2] == '"'
                && Arrays.equals(bytes, start, start + HASH_KEY.length, HASH_KEY, 0, HASH_KEY.length);
    }
}
