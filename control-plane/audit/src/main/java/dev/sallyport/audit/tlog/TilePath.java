package dev.sallyport.audit.tlog;

import java.util.regex.Pattern;

/** The names of the files of a tiled log (C2SP tlog-tiles). */
public final class TilePath {
    /** Hashes of a full tile, and entries of a full bundle. */
    public static final int WIDTH = 256;

    /** The signed note of the newest published tree. */
    public static final String CHECKPOINT = "checkpoint";

    private static final Pattern PUBLIC = Pattern.compile(
            "checkpoint|tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/(x[0-9]{3}/){0,6}[0-9]{3}(\\.p/([1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?");

    private TilePath() {}

    /** Whether {@code path} can be the name of a file that a reader may ask for: what a server answers and nothing else. */
    public static boolean isPublic(String path) {
        return path.length() <= 64 && PUBLIC.matcher(path).matches();
    }

    /** The tile {@code index} of {@code level}; {@code width} hashes, 256 in a full one. */
    static String tile(int level, long index, int width) {
        return "tile/" + level + "/" + name(index) + suffix(width);
    }

    /** The entries of the leaves in tile {@code index} of level 0. */
    public static String entries(long index, int width) {
        return "tile/entries/" + name(index) + suffix(width);
    }

    /** The folder of the partial forms of a file: {@code tile/0/000.p}. */
    static String partials(String fullPath) {
        return fullPath + ".p";
    }

    private static String suffix(int width) {
        return width == WIDTH ? "" : ".p/" + width;
    }

    /** 1234067 is {@code x001/x234/067}: no folder holds more than a thousand names. */
    static String name(long index) {
        String last = digits(index % 1000);
        StringBuilder name = new StringBuilder(last);
        for (long rest = index / 1000; rest > 0; rest /= 1000) {
            name.insert(0, "x" + digits(rest % 1000) + "/");
        }
        return name.toString();
    }

    private static String digits(long number) {
        String text = Long.toString(number);
        return "0".repeat(3 - text.length()) + text;
    }
}
