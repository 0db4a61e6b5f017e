package dev.sallyport.audit;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * JSON in printable ASCII, written into one array that is used again and again: a record makes no garbage. Whoever fills it bounds it. Escapes as Jackson does, upper-case hexadecimal
 * digits and short forms where JSON has them. One thread.
 */
final class JsonBuffer {
    private static final int INITIAL_BYTES = 4096;
    /** A character at its longest, {@code \u2028}. */
    private static final int ESCAPED_BYTES = 6;

    private static final int LONG_BYTES = 20;
    private static final int DEL = 0x7f;
    private static final char REPLACEMENT = '\ufffd';
    private static final String HEX = "0123456789ABCDEF";
    private static final String HEX_LOWER = "0123456789abcdef";
    /** 0 for a character that stands for itself. */
    private static final byte[] ODD = new byte[256];
    /** The letter after the backslash, or 0. */
    private static final byte[] SHORT = new byte[128];

    static {
        Arrays.fill(ODD, (byte) 1);
        Arrays.fill(ODD, ' ', DEL, (byte) 0);
        String escaped = "\b\t\n\f\r\"\\";
        String letters = "btnfr\"\\";
        for (int i = 0; i < escaped.length(); i++) {
            ODD[escaped.charAt(i)] = 1;
            SHORT[escaped.charAt(i)] = (byte) letters.charAt(i);
        }
    }

    private byte[] bytes = new byte[INITIAL_BYTES];
    private int length;

    int length() {
        return length;
    }

    /** The content's first {@link #length} bytes; good until the next write. */
    byte[] array() {
        return bytes;
    }

    ByteBuffer content() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    byte[] copy() {
        return Arrays.copyOf(bytes, length);
    }

    /** Takes back what was written after {@code to}. */
    void cut(int to) {
        length = to;
    }

    void append(byte[] ascii) {
        reserve(ascii.length);
        System.arraycopy(ascii, 0, bytes, length, ascii.length);
        length += ascii.length;
    }

    void append(char ascii) {
        reserve(1);
        bytes[length++] = (byte) ascii;
    }

    /** ASCII that needs no escape. */
    @SuppressWarnings("deprecation") // The one way to a string's bytes without a copy: right for ASCII, which this is.
    void append(String plain) {
        reserve(plain.length());
        plain.getBytes(0, plain.length(), bytes, length);
        length += plain.length();
    }

    /** The next member's name, one of {@link AuditFields}, after a comma unless it is its object's first. */
    @SuppressWarnings("deprecation") // As in append.
    void name(String plain) {
        int size = plain.length();
        reserve(size + 4);
        byte[] to = bytes;
        int at = length;
        if (to[at - 1] != '{') {
            to[at++] = ',';
        }
        to[at++] = '"';
        plain.getBytes(0, size, to, at);
        at += size;
        to[at++] = '"';
        to[at++] = ':';
        length = at;
    }

    /** Before a member or an item. */
    void comma() {
        byte last = bytes[length - 1];
        if (last != '{' && last != '[') {
            append(',');
        }
    }

    void number(long value) {
        reserve(LONG_BYTES);
        if (value < 0) {
            bytes[length++] = '-';
        }
        // Negative all the way: the smallest has no positive twin.
        long rest = value < 0 ? value : -value;
        int digits = 1;
        for (long left = rest / 10; left != 0; left /= 10) {
            digits++;
        }
        digits(rest, digits);
    }

    /** With zeros before it. */
    void padded(int value, int digits) {
        reserve(digits);
        digits(-(long) value, digits);
    }

    private void digits(long negative, int digits) {
        long rest = negative;
        for (int at = length + digits - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' - rest % 10);
            rest /= 10;
        }
        length += digits;
    }

    /** Lower-case hexadecimal digits. */
    void hex(byte[] value) {
        reserve(2 * value.length);
        for (byte octet : value) {
            bytes[length++] = (byte) HEX_LOWER.charAt(octet >> 4 & 0xf);
            bytes[length++] = (byte) HEX_LOWER.charAt(octet & 0xf);
        }
    }

    /**
     * The first {@code end} characters, in quotes. A lone surrogate, which JSON readers disagree about, and DEL, which JSON leaves as it is, become U+FFFD. ASCII only, so that no value
     * can forge a line, an escape or a direction mark.
     */
    @SuppressWarnings("deprecation") // As in append.
    void text(String value, int end) {
        reserve(ESCAPED_BYTES * end + 2);
        bytes[length++] = '"';
        if (isPlain(value, end)) {
            value.getBytes(0, end, bytes, length);
            length += end;
        } else {
            escaped(value, end);
        }
        bytes[length++] = '"';
    }

    /** Without a branch in the loop: most texts are plain, and all of each is looked at. */
    private static boolean isPlain(String value, int end) {
        int all = 0;
        int odd = 0;
        for (int i = 0; i < end; i++) {
            char c = value.charAt(i);
            all |= c;
            odd |= ODD[c & 0xff];
        }
        return all < ODD.length && odd == 0;
    }

    private void escaped(String value, int end) {
        for (int i = 0; i < end; i++) {
            char c = value.charAt(i);
            if (c < ODD.length && ODD[c] == 0) {
                bytes[length++] = (byte) c;
            } else {
                escape(isReplaced(value, i, end) ? REPLACEMENT : c);
            }
        }
    }

    /** Whether it stands in a text as {@code \\uXXXX}: no other way of writing it is ours. */
    static boolean isWrittenAsCode(char c) {
        return c != DEL && (c >= ODD.length || ODD[c] != 0) && (c >= SHORT.length || SHORT[c] == 0);
    }

    private void escape(char c) {
        bytes[length++] = '\\';
        if (c < SHORT.length && SHORT[c] != 0) {
            bytes[length++] = SHORT[c];
            return;
        }
        bytes[length++] = 'u';
        for (int shift = 12; shift >= 0; shift -= 4) {
            bytes[length++] = (byte) HEX.charAt(c >> shift & 0xf);
        }
    }

    private static boolean isReplaced(String value, int i, int end) {
        char c = value.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == end || !Character.isLowSurrogate(value.charAt(i + 1));
        }
        return c == DEL || (Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(value.charAt(i - 1))));
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
        }
    }
}
