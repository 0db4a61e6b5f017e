package dev.sallyport.document;

import java.util.LinkedHashMap;
import java.util.List;

/** A parsed tree that remembers where each part stood. Aliases, tags, duplicate keys and over-deep trees never reach it. */
public sealed interface Node {
    Location location();

    /** A mapping; keys in the order of the text. */
    record Mapping(Location location, LinkedHashMap<String, Entry> entries) implements Node {}

    /** A key with its own place, and its value. */
    record Entry(Location keyLocation, Node value) {}

    /** A list. */
    record Sequence(Location location, List<Node> items) implements Node {
        public Sequence {
            items = List.copyOf(items);
        }
    }

    /** {@code plain}: unquoted in YAML, a number, boolean or null in JSON; typing is up to the reader, so {@code no} stays text. */
    record Scalar(Location location, String text, boolean plain) implements Node {
        /** Whether nothing was written: {@code key:}, {@code null}, {@code ~}. */
        public boolean isNull() {
            return plain
                    && (text.isEmpty()
                            || text.equals("~")
                            || text.equals("null")
                            || text.equals("Null")
                            || text.equals("NULL"));
        }
    }

    /** {@code a text}, {@code a list}, {@code a mapping} or {@code nothing}; for messages. */
    default String form() {
        return switch (this) {
            case Mapping _ -> "a mapping";
            case Sequence _ -> "a list";
            case Scalar scalar -> scalar.isNull() ? "nothing" : "a text";
        };
    }
}
