package dev.sallyport.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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

    private final MessageDigest sha256;
    private String head;
    private long number;

    HashChain(String head, long number) {
        this.head = head;
        this.number = number;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of the platform", e);
        }
    }

    /** The last line's hash, lower-case hex; zeros before the first. */
    String head() {
        return head;
    }

    /** The last line's number, 0 before the first. */
    long number() {
        return number;
    }

    /** Where the chain stands, to come back to when a write fails. */
    record Mark(String head, long number) {}

    Mark mark() {
        return new Mark(head, number);
    }

    void reset(Mark mark) {
        head = mark.head();
        number = mark.number();
    }

    /** The next line: {@code body} is an object without its closing brace. */
    byte[] line(byte[] body) {
        byte[] tail = (",\"" + AuditFields.NUMBER + "\":" + (number + 1) + ",\"" + AuditFields.PREVIOUS_HASH + "\":\""
                        + head + "\"")
                .getBytes(StandardCharsets.US_ASCII);
        sha256.update(HexFormat.of().parseHex(head));
        sha256.update(body);
        String hash = HexFormat.of().formatHex(sha256.digest(tail));
        byte[] line = new byte[body.length + tail.length + HASH_KEY.length + 2 * HASH_BYTES + END.length];
        int at = put(line, 0, body);
        at = put(line, at, tail);
        at = put(line, at, HASH_KEY);
        at = put(line, at, hash.getBytes(StandardCharsets.US_ASCII));
        put(line, at, END);
        head = hash;
        number++;
        return line;
    }

    /** The hash that a stored line (without its line feed) should have after {@code previous}. */
    String hashOf(String previous, byte[] line) {
        sha256.update(HexFormat.of().parseHex(previous));
        sha256.update(line, 0, line.length - SUFFIX_BYTES);
        return HexFormat.of().formatHex(sha256.digest());
    }

    /** Whether the line (without its line feed) ends as every line does. */
    static boolean wellFormed(byte[] line) {
        int start = line.length - SUFFIX_BYTES;
        if (start < 1 || line[line.length - 1] != '}' || line[line.length - 2] != '"') {
            return false;
        }
        for (int i = 0; i < HASH_KEY.length; i++) {
            if (line[start + i] != HASH_KEY[i]) {
                return false;
            }
        }
        return true;
    }

    /** What a well-formed line says its hash is. */
    static String statedHash(byte[] line) {
        return new String(line, line.length - 2 - 2 * HASH_BYTES, 2 * HASH_BYTES, StandardCharsets.ISO_8859_1);
    }

    private static int put(byte[] target, int at, byte[] source) {
        System.arraycopy(source, 0, target, at, source.length);
        return at + source.length;
    }
}
