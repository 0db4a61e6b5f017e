package dev.sallyport.policy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One parameter of a query, read only where every parser reads the same: {@code &} separates, the first {@code =} ends the name. Some take {@code ;} as a separator, {@code +} as a
 * blank, an encoded name as the name, the first or the last of two: with one of these in the text there is no answer, and a condition that asked denies.
 */
final class QueryText {
    private QueryText() {}

    /** Percent-decoded; empty when there is no such parameter. {@code name} is compared as it stands. */
    static Optional<String> value(String query, String name) throws DoubtException {
        Optional<String> found = Optional.empty();
        for (int start = 0; start <= query.length(); ) {
            int and = query.indexOf('&', start);
            int end = and < 0 ? query.length() : and;
            int equals = query.indexOf('=', start);
            int nameEnd = equals < 0 || equals > end ? end : equals;
            checkName(query, start, nameEnd);
            String value = decoded(query, Math.min(nameEnd + 1, end), end);
            if (nameEnd - start == name.length() && query.startsWith(name, start)) {
                if (found.isPresent()) {
                    throw new DoubtException("query parameter " + name + " is repeated");
                }
                found = Optional.of(value);
            } else if (isAlike(query, start, nameEnd, name)) {
                throw new DoubtException("query parameter " + name + " is there in another spelling");
            }
            start = end + 1;
        }
        return found;
    }

    /** PHP reads {@code user.id} as {@code user_id} and {@code role[]} as {@code role}; others fold case. */
    private static boolean isAlike(String query, int start, int end, String name) {
        int bracket = query.indexOf('[', start);
        int length = (bracket < 0 || bracket > end ? end : bracket) - start;
        if (length != name.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (folded(query.charAt(start + i)) != folded(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static char folded(char c) {
        return c == '.' ? '_' : c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
    }

    private static void checkName(String query, int start, int end) throws DoubtException {
        for (int i = start; i < end; i++) {
            char c = query.charAt(i);
            if (c == '%' || c == '+' || c == ';') {
                throw new DoubtException("a query parameter's name holds " + c);
            }
        }
    }

    private static String decoded(String query, int start, int end) throws DoubtException {
        boolean plain = true;
        for (int i = start; i < end; i++) {
            char c = query.charAt(i);
            if (c == '+' || c == ';') {
                throw new DoubtException("a query parameter's value holds " + c);
            }
            plain &= c != '%';
        }
        return plain ? query.substring(start, end) : percentDecoded(query, start, end);
    }

    private static String percentDecoded(String query, int start, int end) throws DoubtException {
        byte[] octets = new byte[end - start];
        int length = 0;
        for (int i = start; i < end; i++) {
            char c = query.charAt(i);
            if (c != '%') {
                octets[length++] = (byte) c; // a canonical target is ASCII
                continue;
            }
            int high = i + 2 < end ? Character.digit(query.charAt(i + 1), 16) : -1;
            int low = i + 2 < end ? Character.digit(query.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                throw new DoubtException("a query parameter's value holds an invalid percent-encoding");
            }
            octets[length++] = (byte) (high << 4 | low);
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets, 0, length))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw new DoubtException("a query parameter's value is not UTF-8");
        }
    }
}
