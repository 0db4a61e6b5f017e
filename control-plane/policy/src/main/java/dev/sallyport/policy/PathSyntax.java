package dev.sallyport.policy;

import java.text.Normalizer;
import java.util.Locale;

/**
 * The one reading of a path (design 3.4), on the bytes of the request line. Accepted is what every parser splits into the same segments and decodes to the same characters; all else
 * is refused, nothing is repaired. What a port relaxes stays in the path as it is, and is data.
 */
final class PathSyntax {
    private static final String SUB_DELIMITERS = "!$&'()*+,="; // RFC 3986 section 2.2 without ';': Tomcat cuts there
    private static final String SLASHES = "\u2044\u2215\u2216"; // fraction, division, set minus
    private static final boolean[] IN_SEGMENT = new boolean[256];

    static {
        for (int c = 0; c < 0x80; c++) {
            IN_SEGMENT[c] = isUnreserved(c) || c == ':' || c == '@' || SUB_DELIMITERS.indexOf(c) >= 0;
        }
    }

    private PathSyntax() {}

    /** Where the path that begins at {@code from} ends: at its {@code ?}, or at {@code to}. Refuses one that is not canonical. RFC 3986 section 3.3, origin-form. */
    static int end(byte[] bytes, int from, int to, Relaxations relaxed) throws RequestRejectedException {
        if (from >= to || bytes[from] != '/') {
            throw rejected("a target that does not begin with /");
        }
        int at = from;
        while (at < to && bytes[at] == '/') {
            int start = at + 1;
            at = segmentEnd(bytes, start, to, relaxed);
            if (at == start && at < to && bytes[at] == '/' && !relaxed.emptySegments()) {
                throw rejected("an empty segment, //");
            }
        }
        return at;
    }

    /** Where the segment ends: at {@code /}, at {@code ?} or at {@code to}. */
    private static int segmentEnd(byte[] bytes, int start, int to, Relaxations relaxed)
            throws RequestRejectedException {
        int piece = start; // after each %2F: who decodes it sees segments there, and dots in them
        int at = start;
        while (at < to) {
            byte b = bytes[at];
            if (IN_SEGMENT[b & 0xFF]) {
                at++;
            } else if (b == '/' || b == '?') {
                break;
            } else if (b == '%' && relaxed.encodedSlash() && isEncodedSlash(bytes, at, to)) {
                refuseDots(bytes, piece, at);
                at += 3;
                piece = at;
            } else if (b == '%') {
                at = encodedEnd(bytes, at, to);
            } else if (b == ';' && relaxed.matrixParameters() && at > piece) {
                refuseDots(bytes, piece, at);
                return parametersEnd(bytes, at, to);
            } else {
                throw rejected(shown(b) + " in the path");
            }
        }
        refuseDots(bytes, piece, at);
        return at;
    }

    /** {@code ;name=value;…} up to the end of the segment. No {@code %2F} in them: who decodes first would cut elsewhere than who cuts first. */
    private static int parametersEnd(byte[] bytes, int from, int to) throws RequestRejectedException {
        int at = from;
        while (at < to && bytes[at] == ';') {
            int name = at + 1;
            boolean valued = false;
            for (at = name; at < to && bytes[at] != '/' && bytes[at] != '?' && bytes[at] != ';'; ) {
                byte b = bytes[at];
                if (b == '%') {
                    at = encodedEnd(bytes, at, to);
                    continue;
                }
                if (!IN_SEGMENT[b & 0xFF] || (b == '=' && at == name)) {
                    throw rejected(shown(b) + " in the path");
                }
                valued |= b == '=';
                at++;
            }
            if (!valued) {
                throw rejected("a parameter that is not ;name=value");
            }
        }
        return at;
    }

    /** Dot segments, also with encoded blanks around, which Windows drops; relaxed by nothing, for {@code /public/..;/admin} and {@code ..%2fadmin} are what they are for. */
    private static void refuseDots(byte[] bytes, int from, int to) throws RequestRejectedException {
        int dots = 0;
        for (int at = from; at < to; at++) {
            if (bytes[at] == '.') {
                dots++;
            } else if (bytes[at] == '%' && bytes[at + 1] == '2' && bytes[at + 2] == '0') { // valid: it was read before
                at += 2;
            } else {
                return;
            }
        }
        if (dots == 1 || dots == 2) {
            throw rejected("a dot segment");
        }
    }

    /** A canonical path as who cuts them off reads it. */
    static String withoutParameters(String path) {
        StringBuilder names = new StringBuilder(path.length());
        int start = 0;
        for (int at = path.indexOf(';'); at >= 0; at = path.indexOf(';', start)) {
            names.append(path, start, at);
            start = PathTemplate.end(path, at);
        }
        return names.append(path, start, path.length()).toString();
    }

    private static boolean isEncodedSlash(byte[] bytes, int at, int to) {
        return at + 2 < to && bytes[at + 1] == '2' && (bytes[at + 2] | 0x20) == 'f';
    }

    /** Checks the percent-encoded character at {@code at}; answers where it ends. */
    private static int encodedEnd(byte[] bytes, int at, int to) throws RequestRejectedException {
        int first = octet(bytes, at, to);
        if (first < 0x80) {
            checkEncodedAscii(bytes, at, to, first);
            return at + 3;
        }
        int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        int character = first & 0x7F >> length;
        boolean valid = first >= 0xC2 && first <= 0xF4;
        for (int i = 1; i < length; i++) {
            int next = octet(bytes, at + 3 * i, to);
            valid &= (next & 0xC0) == 0x80;
            character = character << 6 | next & 0x3F;
        }
        valid &= character >= (length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000)
                && character <= Character.MAX_CODE_POINT
                && !(character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE)
                && character != 0xFFFD; // what a decoder writes for what it could not read
        if (!valid) {
            throw rejected("percent-encoded octets that are not UTF-8");
        }
        checkCharacter(character);
        return at + 3 * length;
    }

    private static void checkEncodedAscii(byte[] bytes, int at, int to, int octet) throws RequestRejectedException {
        if (isUnreserved(octet)) {
            throw rejected("the percent-encoded unreserved character " + quoted(octet));
        }
        if (octet == '/' || octet == '\\' || octet == ';') {
            throw rejected("the percent-encoded delimiter " + quoted(octet));
        }
        if (octet < 0x20 || octet == 0x7F) {
            throw rejected("a percent-encoded control character");
        }
        if (octet == '%' && at + 4 < to && hex(bytes[at + 3]) >= 0 && hex(bytes[at + 4]) >= 0) {
            throw rejected("double percent-encoding");
        }
    }

    /** Of more than one octet: no control, and none that folds into ASCII. */
    private static void checkCharacter(int character) throws RequestRejectedException {
        if (Character.isISOControl(character)) {
            throw rejected("a percent-encoded control character");
        }
        // U+FF0F, a full-width solidus, is "/" to whoever folds compatibility characters (CVE-2025-52488 class), U+2215
        // and its like to Windows, which takes the best fit where its code page lacks a character.
        String folded = Normalizer.normalize(Character.toString(character), Normalizer.Form.NFKC);
        if (SLASHES.indexOf(character) >= 0 || folded.chars().anyMatch(c -> c < 0x80)) {
            throw rejected("a percent-encoded character that folds into ASCII");
        }
    }

    /** The octet written as {@code %hh} at {@code at}. */
    private static int octet(byte[] bytes, int at, int to) throws RequestRejectedException {
        int octet = at + 2 < to && bytes[at] == '%' ? hex(bytes[at + 1]) << 4 | hex(bytes[at + 2]) : -1;
        if (octet < 0) {
            throw rejected("an invalid percent-encoding");
        }
        return octet;
    }

    /** 0..15, or -1. */
    private static int hex(byte b) {
        return b < 0 ? -1 : Character.digit(b, 16); // ASCII only: a byte is no full-width digit
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

    /** A blank, a control character and a byte over 0x7E are a trick wherever they stand in a request line or a Host. */
    static boolean isVisible(byte b) {
        return b > 0x20 && b < 0x7F;
    }

    static RequestRejectedException rejected(String detail) {
        return new RequestRejectedException(Reason.PATH_REJECTED, detail);
    }

    /** {@code the character 'a'} when visible, else {@code the byte 0x01}: details go into records. */
    static String shown(byte b) {
        return (isVisible(b) ? "the character " : "the byte ") + quoted(b & 0xFF);
    }

    private static String quoted(int c) {
        return c > 0x20 && c < 0x7F ? "'" + (char) c + "'" : String.format(Locale.ROOT, "0x%02x", c);
    }
}
