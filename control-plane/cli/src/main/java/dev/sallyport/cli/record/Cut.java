package dev.sallyport.cli.record;

import dev.sallyport.cli.Table;

/** What is too long for a line of text. */
final class Cut {
    private static final int CHARACTERS_MAX = 64;

    private Cut() {}

    /** The first digits of a hash, enough to compare by eye. */
    static String digest(String hex) {
        return hex.substring(0, Math.min(12, hex.length()));
    }

    /** A stranger's word in a message: short and visible. */
    static String of(String text) {
        return of(text, CHARACTERS_MAX);
    }

    static String of(String text, int charactersMax) {
        String visible = Table.visible(text);
        return visible.length() <= charactersMax ? visible : visible.substring(0, charactersMax) + "…";
    }
}
