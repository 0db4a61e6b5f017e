package dev.sallyport.server.records;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Record ids (a ULID: 26 characters, Crockford base32) and trace ids (32 hex digits) as 16 bytes; a text that is neither of them stays one. */
final class Packed {
    private static final String CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int ULID_LENGTH = 26;
    private static final int HEX_LENGTH = 32;
    /** Of the first character: 26 times 5 are two more bits than 128. */
    private static final int FIRST_MAX = 7;

    private Packed() {}

    static Object id(String text) {
        if (text.length() != ULID_LENGTH || CROCKFORD.indexOf(text.charAt(0)) > FIRST_MAX) {
            return Words.cut(text);
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < ULID_LENGTH; i++) {
            int digit = CROCKFORD.indexOf(text.charAt(i));
            if (digit < 0) {
                return Words.cut(text);
            }
            high = high << 5 | low >>> 59;
            low = low << 5 | digit;
        }
        return ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).array();
    }

    static Object trace(String text) {
        boolean hex = text.length() == HEX_LENGTH
                && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
        return hex ? HexFormat.of().parseHex(text) : Words.cut(text);
    }

    static String idText(Object packed) {
        if (!(packed instanceof byte[] bytes)) {
            return String.valueOf(packed);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long high = buffer.getLong();
        long low = buffer.getLong();
        char[] text = new char[ULID_LENGTH];
        for (int i = ULID_LENGTH - 1; i >= 0; i--) {
            text[i] = CROCKFORD.charAt((int) low & 31);
            low = low >>> 5 | high << 59;
            high >>>= 5;
        }
        return String.valueOf(text);
    }

    static String traceText(Object packed) {
        return packed instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : String.valueOf(packed);
    }
}
