package dev.sallyport.document;

import java.util.function.IntPredicate;

/** Text of a stranger made safe to print: control, format and private characters become {@code \\u{1b}}. */
final class Visible {
    private static final int ELLIPSIS = 0x2026;

    private Visible() {}

    /** The same text when there is nothing to hide; otherwise no terminal escape, line break or reversed text is left. */
    static String of(String text) {
        return escaped(text, Visible::harmless);
    }

    /**
     * As {@link #of}, and nothing beyond ASCII is left but the ellipsis of our own messages: a letter that only looks like another one, in a name that should be known, shows what it
     * is.
     */
    static String plain(String text) {
        return escaped(text, point -> (point < 0x7F && point >= 0x20) || point == ELLIPSIS);
    }

    private static String escaped(String text, IntPredicate harmless) {
        if (text.codePoints().allMatch(harmless)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            if (harmless.test(point)) {
                out.appendCodePoint(point);
            } else {
                out.append("\\u{").append(Integer.toHexString(point)).append('}');
            }
        });
        return out.toString();
    }

    private static boolean harmless(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
