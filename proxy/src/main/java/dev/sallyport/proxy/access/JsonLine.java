package dev.sallyport.proxy.access;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One flat JSON object on one line (RFC 8259), put together in a buffer that the caller reuses. Printable ASCII only: whatever else a client has written is an escape, or it could end the line, begin another, or
 * speak to the terminal of whoever reads it.
 */
final class JsonLine {
    private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);
    /** Of one character. */
    private static final int ESCAPE_BYTES = 6;

    private final ByteBuffer out;
    private boolean empty = true;

    /** Appends to {@code out}, which must have room for the line: see {@link #bytesMax}. */
    JsonLine(ByteBuffer out) {
        this.out = out;
    }

    /** What texts of so many characters take, whatever they are. */
    static int bytesMax(int characters) {
        return characters * ESCAPE_BYTES;
    }

    JsonLine begin() {
        out.put((byte) '{');
        empty = true;
        return this;
    }

    void end() {
        out.put((byte) '}').put((byte) '\n');
    }

    /** At most {@code most} characters of {@code value}; nothing where there is none. */
    JsonLine text(String name, @Nullable String value, int most) {
        if (value != null && !value.isEmpty()) {
            name(name);
            out.put((byte) '"');
            for (int i = 0, end = Math.min(most, value.length()); i < end; i++) {
                put(value.charAt(i));
            }
            out.put((byte) '"');
        }
        return this;
    }

    JsonLine number(String name, long value) {
        name(name);
        ascii(Long.toString(value));
        return this;
    }

    private void name(String name) {
        if (!empty) {
            out.put((byte) ',');
        }
        empty = false;
        out.put((byte) '"');
        ascii(name);
        out.put((byte) '"').put((byte) ':');
    }

    private void ascii(String text) {
        for (int i = 0; i < text.length(); i++) {
            out.put((byte) text.charAt(i));
        }
    }

    private void put(char c) {
        if (c == '"' || c == '\\') {
            out.put((byte) '\\').put((byte) c);
        } else if (c >= 0x20 && c < 0x7f) {
            out.put((byte) c);
        } else {
            out.put((byte) '\\').put((byte) 'u');
            for (int shift = 12; shift >= 0; shift -= 4) {
                out.put(HEX[c >> shift & 15]);
            }
        }
    }
}
