package dev.sallyport.document;

/** Which characters may stand in a document at all. YAML 1.2 section 5.1, less what reverses or hides text. */
final class Characters {
    private Characters() {}

    /** False, with a problem at the first one, when a character has no place in a document. */
    static boolean check(Source source, Problems problems) {
        String text = source.text();
        int line = 1;
        int column = 1;
        for (int i = 0, point; i < text.length(); i += Character.charCount(point), column++) {
            point = text.codePointAt(i);
            if (!allowed(point)) {
                problems.add(new Location(source.name(), line, column), "", Code.CHARACTER, message(point));
                return false;
            }
            if (point == '\n') {
                line++;
                column = 0;
            }
        }
        return true;
    }

    private static String message(int point) {
        String name = String.format("U+%04X", point);
        return point == 0xFEFF
                ? "a byte order mark, " + name + " (expected: UTF-8 without one)"
                : "the character " + name + " (expected: printable text; write it as an escape in double quotes)";
    }

    private static boolean allowed(int point) {
        if (point < 0x7F) {
            return point >= 0x20 || point == '\t' || point == '\n' || point == '\r';
        }
        // Bidirectional controls make a reviewer read another document than the parser (CVE-2021-42574).
        boolean reverses = point == 0x200E
                || point == 0x200F
                || (point >= 0x202A && point <= 0x202E)
                || (point >= 0x2066 && point <= 0x2069);
        // 0x85, 0x2028 and 0x2029 are line breaks to some readers and not to others.
        boolean breaksLine = point == 0x2028 || point == 0x2029;
        return point >= 0xA0
                && !(point >= 0xD800 && point <= 0xDFFF)
                && (point & 0xFFFE) != 0xFFFE
                && point != 0xFEFF
                && !reverses
                && !breaksLine;
    }
}
