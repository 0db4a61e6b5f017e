package dev.sallyport.cli.record;

import dev.sallyport.cli.Table;

/** A stranger's word in a message: short and visible. */
final class Cut {
    private static final int CHARACTERS_MAX = 64;

    private Cut() {}

    static String of(String text) {
        String visible = Table.visible(text);
        return visible.length() <= CHARACTERS_MAX ? visible : visible.substring(0, CHARACTERS_MAX) + "…";
    }
}
