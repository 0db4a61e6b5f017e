package dev.sallyport.policy;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Locale;

/**
 * The one reading of a path (design 3.4). Accepted is what every parser splits into the same segments and decodes to the
 * same characters; all else is refused, nothing is repaired.
 */
final class PathSyntax {
    private static final String SUB_DELIMITERS = "!$&'()*+,="; // RFC 3986 section 2.2 without ';': Tomcat cuts there

    private PathSyntax() {}

    /** Refuses {@code path} unless it is canonical. RFC 3986 section 3.3, origin-form without query. */
    static void check(String path) throws RequestRejectedException {
        if (path.isEmpty() || path.charAt(0) != '/') {
            throw rejected("a target that does not begin with /");
        }
        int segment = 1;
        for (int i = 1; i <= path.length(); i++) {
            if (i == path.length() || path.charAt(i) == '/') {
                checkSegment(path, segment, i);
                segment = i + 1;
            } else if (path.charAt(i) == '%') {
                i += checkEncoded(path, i) - 1;
            } else if (!isPathCharacter(path.charAt(i))) {
                throw rejected("the character " + shown(path.charAt(i)) + " in the path");
            }
        }
    }

    /** Empty segments (but the last) and dot segments, also with encoded blanks around, which Windows drops. */
    private static void checkSegment(String path, int start, int end) throws RequestRejectedException {
        if (start == end && end < path.length()) {
            throw rejected("an empty segment, //");
        }
        String bare = path.startsWith("%20", start) || path.startsWith("%20", end - 3)
                ? path.substring(start, end).replace("%20", "")
                : "";
        if (isDots(path, start, end) || isDots(bare, 0, bare.length())) {
            throw rejected("a dot segment");
        }
    }

    private static boolean isDots(String text, int start, int end) {
        int length = end - start;
        return length >= 1 && length <= 2 && text.charAt(start) == '.' && text.charAt(end - 1) == '.';
    }

    /** Checks the percent-encoded character at {@code at}; answers how many characters of the path it takes. */
    private static int checkEncoded(String path, int at) throws RequestRejectedException {
        int first = octet(path, at);
        if (first < 0x80) {
            checkEncodedAscii(path, at, first);
            return 3;
        }
        int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) octet(path, at + 3 * i);
        }
        checkUtf8(bytes);
        return 3 * length;
    }

    private static void checkEncodedAscii(String path, int at, int octet) throws RequestRejectedException {
        if (isUnreserved(octet)) {
            throw rejected("the percent-encoded unreserved character " + shown(octet));
        }
        if (octet == '/' || octet == '\\' || octet == ';') {
            throw rejected("the percent-encoded delimiter " + shown(octet));
        }
        if (octet < 0x20 || octet == 0x7F) {
            throw rejected("a percent-encoded control character");
        }
        if (octet == '%' && isHex(path, at + 3) && isHex(path, at + 4)) {
            throw rejected("double percent-encoding");
        }
    }

    /** One character of more than one octet: not overlong, no surrogate, no control, and none that folds into ASCII. RFC 3629. */
    private static void checkUtf8(byte[] bytes) throws RequestRejectedException {
        String text = new String(bytes, StandardCharsets.UTF_8);
        boolean valid = text.codePointCount(0, text.length()) == 1
                && text.indexOf('\uFFFD') < 0
                && Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes);
        if (!valid) {
            throw rejected("percent-encoded octets that are not UTF-8");
        }
        if (Character.isISOControl(text.codePointAt(0))) {
            throw rejected("a percent-encoded control character");
        }
        // U+FF0F, a full-width solidus, is "/" to whoever folds compatibility characters (CVE-2025-52488 class).
        String folded = Normalizer.normalize(text, Normalizer.Form.NFKC);
        if (folded.chars().anyMatch(c -> c < 0x80)) {
            throw rejected("a percent-encoded character that folds into ASCII");
        }
    }

    /** The octet written as {@code %hh} at {@code at}. */
    private static int octet(String path, int at) throws RequestRejectedException {
        if (at >= path.length() || path.charAt(at) != '%' || !isHex(path, at + 1) || !isHex(path, at + 2)) {
            throw rejected("an invalid percent-encoding");
        }
        return Character.digit(path.charAt(at + 1), 16) << 4 | Character.digit(path.charAt(at + 2), 16);
    }

    private static boolean isHex(String path, int at) {
        if (at >= path.length()) {
            return false;
        }
        char c = path.charAt(at);
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }

    private static boolean isPathCharacter(int c) {
        return isUnreserved(c) || c == ':' || c == '@' || SUB_DELIMITERS.indexOf(c) >= 0;
    }

    private static boolean isUnreserved(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }

    static RequestRejectedException rejected(String detail) {
        return new RequestRejectedException(Reason.PATH_REJECTED, detail);
    }

    /** {@code 'a'} when printable, else its number: details go into records. */
    static String shown(int c) {
        return c > 0x20 && c < 0x7F ? "'" + (char) c + "'" : String.format(Locale.ROOT, "0x%02x", c);
    }
}
