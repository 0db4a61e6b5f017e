package dev.sallyport.audit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Follows the chain of a stream line by line, over bytes as they are stored: each must continue the one before, number and hash, and be what its hash says. One thread. */
public final class ChainCheck {
    /** What the first line of a stream names as the hash before it. */
    public static final String GENESIS = HashChain.GENESIS;

    private static final byte[] EVENT_LOG = AuditFields.EVENT_LOG.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT_INTENT = AuditFields.EVENT_INTENT.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT_INTERVAL = AuditFields.EVENT_INTERVAL.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HEADER = "header".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NUMBER_KEY = (",\"" + AuditFields.NUMBER + "\":").getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PREVIOUS_KEY =
            (",\"" + AuditFields.PREVIOUS_HASH + "\":\"").getBytes(StandardCharsets.US_ASCII);
    private static final int HEX = 2 * HashChain.HASH_BYTES;

    private final LineScanner scanner = new LineScanner();
    private final LineHash hash = new LineHash();
    /** Of the last line, hexadecimal digits; before the first one what it must name, unless that is not known. */
    private final byte[] head = new byte[HEX];

    private boolean headKnown;
    private long number;
    private byte[] line = {};

    private ChainCheck(String head, boolean known, long number) {
        System.arraycopy(head.getBytes(StandardCharsets.US_ASCII), 0, this.head, 0, HEX);
        this.headKnown = known;
        this.number = number;
    }

    /** After the line {@code number} with the hash {@code head}, 64 hexadecimal digits; 0 and zeros before the first line. */
    public static ChainCheck after(String head, long number) {
        return new ChainCheck(head, true, number);
    }

    /** Takes the first line's word for what was before it. */
    public static ChainCheck anywhere() {
        return new ChainCheck(HashChain.GENESIS, false, -1);
    }

    /** What is wrong with this line, which has no line feed; nothing: it is the last one now. After a bad one nothing follows. */
    public Optional<String> problem(byte[] bytes, int from, int to) {
        if (!HashChain.wellFormed(bytes, from, to)) {
            return Optional.of("does not end with its hash");
        }
        line = bytes;
        if (!scanner.scan(bytes, from, to) || scanner.previous.length() != HEX || scanner.number() < 0) {
            return Optional.of("not JSON as the log writes it");
        }
        int previous = scanner.previous.from();
        if (previous + HEX + 1 != to - HashChain.SUFFIX_BYTES || !isBehindNumber(bytes, from, previous)) {
            return Optional.of("number and previous hash do not stand before its hash");
        }
        if (headKnown && !Arrays.equals(bytes, previous, previous + HEX, head, 0, HEX)) {
            return Optional.of("previous hash " + shortened(bytes, previous) + " (expected: " + shortened(head, 0)
                    + ", of the record before)");
        }
        if (scanner.skipped() > 0 && !isHeader()) {
            return Optional.of("skips numbers (expected: only a header does)");
        }
        long expected = number + 1 + scanner.skipped();
        if (number >= 0 && scanner.number() != expected) {
            return Optional.of("number " + scanner.number() + " (expected: " + expected + ")");
        }
        if (!hash.decode(bytes, previous)) {
            return Optional.of("previous hash is not one");
        }
        byte[] computed = hash.of(bytes, from, to - HashChain.SUFFIX_BYTES);
        int stated = to - 2 - HEX;
        if (!Arrays.equals(bytes, stated, stated + HEX, computed, 0, HEX)) {
            return Optional.of("hash " + shortened(bytes, stated) + " (expected: " + shortened(computed, 0)
                    + ", computed over its bytes)");
        }
        System.arraycopy(computed, 0, head, 0, HEX);
        headKnown = true;
        number = scanner.number();
        return Optional.empty();
    }

    /** There they stand in every line, and some who verify read them from its end. */
    private static boolean isBehindNumber(byte[] bytes, int from, int previous) {
        int digits = previous - PREVIOUS_KEY.length;
        if (digits < from || !Arrays.equals(bytes, digits, previous, PREVIOUS_KEY, 0, PREVIOUS_KEY.length)) {
            return false;
        }
        while (digits > from && bytes[digits - 1] >= '0' && bytes[digits - 1] <= '9') {
            digits--;
        }
        int key = digits - NUMBER_KEY.length;
        return key > from && Arrays.equals(bytes, key, digits, NUMBER_KEY, 0, NUMBER_KEY.length);
    }

    /** The last line's; -1 when none was seen and none is known. */
    public long number() {
        return number;
    }

    /** The last line's hash, 64 hexadecimal digits. */
    public String head() {
        return new String(head, StandardCharsets.US_ASCII);
    }

    /** What the last line says is the hash of the one before it. */
    public String previousHash() {
        return scanner.previous.text(line);
    }

    /** How many numbers before the last line's no line has: a crash may have taken their records. */
    public long skipped() {
        return scanner.skipped();
    }

    /** Whether the last line is a header. */
    public boolean isHeader() {
        return scanner.event.is(line, EVENT_LOG) && scanner.phase.is(line, HEADER);
    }

    /** What the last line, a header, says; empty where it says nothing. */
    public String streamId() {
        return scanner.stream.text(line);
    }

    /** Of the last line; empty where it has none. */
    public String event() {
        return scanner.event.text(line);
    }

    /** Of the last line; empty where it has none. */
    public String phase() {
        return scanner.phase.text(line);
    }

    /** Of the last line. A request counts by its end: its intent and what was written while it lasted are of the same request. */
    boolean counts() {
        return !isOwn() && !scanner.event.is(line, EVENT_INTENT) && !scanner.event.is(line, EVENT_INTERVAL);
    }

    boolean isOwn() {
        return scanner.event.is(line, EVENT_LOG);
    }

    /** Enough to compare by eye; what a damaged file holds is shown only as hexadecimal digits. */
    private static String shortened(byte[] bytes, int from) {
        String text = new String(bytes, from, 12, StandardCharsets.ISO_8859_1);
        return text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))
                ? text + "…"
                : "that is not one";
    }
}
