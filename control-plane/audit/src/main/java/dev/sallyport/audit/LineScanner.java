package dev.sallyport.audit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads a line as RFC 8259 says and as the log writes it: one object in printable ASCII without white space, no name twice in an object. It is stricter than a JSON library, so that
 * it never takes a line which such a one refuses or reads otherwise, and keeps only where the few members stand that a chain needs. Reused; no garbage. One thread.
 */
final class LineScanner {
    /** Where a text stands in the line, without its quotes. */
    static final class Span {
        private int from;
        private int to = -1;

        boolean isPresent() {
            return to >= 0;
        }

        int from() {
            return from;
        }

        int length() {
            return to - from;
        }

        /** As it is written, escapes and all. */
        String text(byte[] line) {
            return isPresent() ? new String(line, from, to - from, StandardCharsets.ISO_8859_1) : "";
        }

        boolean is(byte[] line, byte[] text) {
            return isPresent() && Arrays.equals(line, from, to, text, 0, text.length);
        }
    }

    private static final int DEPTH_MAX = 16;
    private static final int NUMBER_BYTES_MAX = 40;
    private static final byte[] NUMBER = ascii(AuditFields.NUMBER);
    private static final byte[] PREVIOUS_HASH = ascii(AuditFields.PREVIOUS_HASH);
    private static final byte[] EVENT_NAME = ascii(AuditFields.EVENT_NAME);
    private static final byte[] PHASE = ascii(AuditFields.PHASE);
    private static final byte[] STREAM_ID = ascii(AuditFields.STREAM_ID);
    private static final byte[] SKIPPED = ascii(AuditFields.SKIPPED_NUMBERS);

    /** Thrown within one scan only. */
    private static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unreadable() {
            super("", null, false, false);
        }
    }

    private final NameTable names = new NameTable();
    final Span previous = new Span();
    final Span event = new Span();
    final Span phase = new Span();
    final Span stream = new Span();
    private final Span nothing = new Span();
    private long number;
    private long skipped;
    private int objects;

    private byte[] line = {};
    private int at;
    private int end;

    /** Whether it is a record of a log; if so, its members can be asked for until the next one. */
    boolean scan(byte[] bytes, int from, int to) {
        line = bytes;
        at = from;
        end = to;
        number = -1;
        skipped = 0;
        objects = 0;
        previous.to = -1;
        event.to = -1;
        phase.to = -1;
        stream.to = -1;
        names.begin(bytes);
        try {
            object(1);
            return at == end;
        } catch (Unreadable e) {
            return false;
        }
    }

    /** -1 where the line has none. */
    long number() {
        return number;
    }

    /** Numbers between the line before and this one that no line has. */
    long skipped() {
        return skipped;
    }

    private void object(int depth) {
        expect('{');
        int self = objects++;
        if (depth > DEPTH_MAX) {
            throw new Unreadable();
        }
        if (peek() == '}') {
            at++;
            return;
        }
        while (true) {
            expect('"');
            int from = at;
            int hashed = name();
            if (!names.add(self, from, at - 1, hashed)) {
                throw new Unreadable();
            }
            expect(':');
            if (depth == 1) {
                member(from, at - 2);
            } else {
                value(depth);
            }
            byte next = take();
            if (next == '}') {
                return;
            }
            if (next != ',') {
                throw new Unreadable();
            }
        }
    }

    /** Of the line itself. */
    private void member(int from, int to) {
        if (isName(from, to, NUMBER)) {
            number = integer();
        } else if (isName(from, to, SKIPPED)) {
            skipped = integer();
        } else {
            Span span = span(from, to);
            if (span == nothing) {
                value(1);
            } else {
                expect('"');
                span.from = at;
                plain();
                span.to = at - 1;
            }
        }
    }

    private Span span(int from, int to) {
        return switch (to - from) {
            case 9 -> isName(from, to, EVENT_NAME) ? event : nothing;
            case 21 -> isName(from, to, PHASE) ? phase : nothing;
            case 24 -> isName(from, to, STREAM_ID) ? stream : nothing;
            case 28 -> isName(from, to, PREVIOUS_HASH) ? previous : nothing;
            default -> nothing;
        };
    }

    private boolean isName(int from, int to, byte[] name) {
        return to - from == name.length && Arrays.equals(line, from, to, name, 0, name.length);
    }

    private void value(int depth) {
        switch (peek()) {
            case '"' -> {
                at++;
                string();
            }
            case '{' -> object(depth + 1);
            case '[' -> array(depth + 1);
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number(NUMBER_BYTES_MAX);
        }
    }

    private void array(int depth) {
        at++;
        if (depth > DEPTH_MAX) {
            throw new Unreadable();
        }
        if (peek() == ']') {
            at++;
            return;
        }
        while (true) {
            value(depth);
            byte next = take();
            if (next == ']') {
                return;
            }
            if (next != ',') {
                throw new Unreadable();
            }
        }
    }

    /** A text that is compared as it is written: with an escape it would be one thing here and another to whoever decodes it. */
    private void plain() {
        int from = at;
        string();
        for (int i = from; i < at; i++) {
            if (line[i] == '\\') {
                throw new Unreadable();
            }
        }
    }

    /** After its first quote, up to and with its last one. */
    private void string() {
        byte[] bytes = line;
        int limit = end;
        int here = at;
        while (here < limit) {
            byte c = bytes[here++];
            if (c == '"') {
                at = here;
                return;
            }
            if (c == '\\') {
                at = here;
                escape(false);
                here = at;
            } else if (c < ' ' || c == 0x7f) { // Bytes beyond ASCII are negative.
                throw new Unreadable();
            }
        }
        throw new Unreadable();
    }

    /** The same of a name; a hash of its bytes. Escapes must be those that the log writes: two names are then the same when their bytes are. */
    private int name() {
        byte[] bytes = line;
        int here = at;
        int hashed = 0;
        while (here < end) {
            byte c = bytes[here++];
            if (c == '"') {
                at = here;
                return hashed;
            }
            if (c == '\\') {
                at = here;
                escape(true);
                for (; here < at; here++) {
                    hashed = 31 * hashed + bytes[here];
                }
            } else if (c < ' ' || c == 0x7f) {
                throw new Unreadable();
            }
            hashed = 31 * hashed + c;
        }
        throw new Unreadable();
    }

    /** After its backslash. {@code canonical}: only as {@link JsonBuffer} writes it. */
    private void escape(boolean canonical) {
        switch (take()) {
            case '"', '\\', 'b', 'f', 'n', 'r', 't' -> {}
            case '/' -> {
                if (canonical) {
                    throw new Unreadable();
                }
            }
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    byte c = take();
                    int digit = Character.digit(c, 16);
                    if (digit < 0 || (canonical && c >= 'a')) {
                        throw new Unreadable();
                    }
                    code = code << 4 | digit;
                }
                if (canonical && !JsonBuffer.isWrittenAsCode((char) code)) {
                    throw new Unreadable();
                }
            }
            default -> throw new Unreadable();
        }
    }

    private void word(String word) {
        for (int i = 0; i < word.length(); i++) {
            expect(word.charAt(i));
        }
    }

    /** RFC 8259 section 6. */
    private void number(int bytesMax) {
        int from = at;
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (at < end && line[at] == '.') {
            at++;
            digits();
        }
        if (at < end && (line[at] == 'e' || line[at] == 'E')) {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
        if (at - from > bytesMax) {
            throw new Unreadable();
        }
    }

    private void digits() {
        int from = at;
        while (at < end && line[at] >= '0' && line[at] <= '9') {
            at++;
        }
        if (at == from) {
            throw new Unreadable();
        }
    }

    /** A number that counts something: at most 18 digits, none before them. */
    private long integer() {
        int from = at;
        digits();
        if (at - from > 18 || (line[from] == '0' && at - from > 1)) {
            throw new Unreadable();
        }
        long value = 0;
        for (int i = from; i < at; i++) {
            value = 10 * value + line[i] - '0';
        }
        return value;
    }

    private byte peek() {
        if (at >= end) {
            throw new Unreadable();
        }
        return line[at];
    }

    private byte take() {
        byte next = peek();
        at++;
        return next;
    }

    private void expect(char wanted) {
        if (take() != wanted) {
            throw new Unreadable();
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
