package dev.sallyport.server.issuer;

/** Text of a stranger, for people: short, on one line. */
final class Shown {
    private static final int CHARACTERS_MAX = 500;
    private static final int WORD_CHARACTERS_MAX = 64;

    private Shown() {}

    /** A word or a name. */
    static String word(String text) {
        return cut(text, WORD_CHARACTERS_MAX);
    }

    /** A sentence, as of an exception that quotes what was received. */
    static String sentence(String text) {
        return cut(text, CHARACTERS_MAX);
    }

    private static String cut(String text, int max) {
        String line = text.replaceAll("\\p{Cntrl}", " ");
        return line.length() <= max ? line : line.substring(0, max) + "…";
    }
}
