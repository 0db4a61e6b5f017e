package dev.sallyport.document;

/** Text of a stranger made safe to print: control, format and private characters become {@code \\u{1b}}. */
final class Visible {
    private Visible() {}

    /** The same text when there is nothing to hide; otherwise no terminal escape, line break or reversed text is left. */
    static String of(String text) {
        return text.codePoints().allMatch(Visible::harmless) ? text : escaped(text);
    }

    private static String escaped(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            if (harmless(point)) {
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
