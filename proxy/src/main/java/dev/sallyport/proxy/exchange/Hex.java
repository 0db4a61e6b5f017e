package dev.sallyport.proxy.exchange;

import java.nio.charset.StandardCharsets;

/** Lower-case hex digits in place: what traces are made of. */
public final class Hex {
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private Hex() {}

    static boolean isDigit(byte c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }

    /** Whether [from, from + 16) is one, and nothing else. */
    public static boolean isLong(byte[] text, int from) {
        for (int i = from; i < from + 16; i++) {
            if (!isDigit(text[i])) {
                return false;
            }
        }
        return true;
    }

    /** Of {@link #isLong}. */
    public static long read(byte[] text, int from) {
        long value = 0;
        for (int i = from; i < from + 16; i++) {
            value = value << 4 | Character.digit(text[i], 16);
        }
        return value;
    }

    /** Sixteen digits. */
    public static void write(long value, byte[] into, int from) {
        for (int i = 0; i < 16; i++) {
            into[from + i] = DIGITS[(int) (value >>> (60 - 4 * i)) & 15];
        }
    }
}
