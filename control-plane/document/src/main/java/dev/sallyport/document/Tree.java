package dev.sallyport.document;

import java.util.Map;

/** What the YAML and the JSON reader share: limits, and mappings without duplicate keys. */
final class Tree {
    /** Keys become paths, in every problem and every place below them. */
    private static final int KEY_CHARACTERS_MAX = 256;

    final Problems problems;
    private final Limits limits;
    private int nodes;

    Tree(Limits limits, Problems problems) {
        this.limits = limits;
        this.problems = problems;
    }

    /** Counts one node that begins at {@code location}, {@code depth} levels deep (the root is 1). */
    void begin(Location location, int depth) throws Refused {
        if (depth > limits.depth()) {
            throw new Refused(
                    location, Code.TOO_DEEP, "nested too deep (expected: at most " + limits.depth() + " levels)");
        }
        if (++nodes > limits.nodes()) {
            throw new Refused(
                    location, Code.TOO_LARGE, "too many values (expected: at most " + limits.nodes() + " in a file)");
        }
    }

    /** Adds an entry; a key that is there already is a problem that names both places. */
    void put(Map<String, Node.Entry> entries, String key, Node.Entry entry) {
        if (key.isEmpty()) {
            problems.add(entry.keyLocation(), "", Code.KEY, "an empty key (expected: a name before the colon)");
            return;
        }
        if (key.length() > KEY_CHARACTERS_MAX) {
            problems.add(
                    entry.keyLocation(),
                    "",
                    Code.TOO_LARGE,
                    "a key of " + key.length() + " characters (expected: at most " + KEY_CHARACTERS_MAX + ")");
            return;
        }
        Node.Entry first = entries.putIfAbsent(key, entry);
        if (first != null) {
            problems.add(
                    entry.keyLocation(),
                    "",
                    Code.DUPLICATE_KEY,
                    key + ": a second time (expected: once; the first is at " + first.keyLocation() + ")");
        }
    }

    /** The text cannot be read any further. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        final transient Problem problem;

        Refused(Location location, String code, String message) {
            super(message, null, false, false);
            this.problem = new Problem(location, "", code, message);
        }
    }
}
