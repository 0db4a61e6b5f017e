package dev.sallyport.document;

import java.util.List;

/**
 * Strict YAML 1.2 / JSON → {@link Node}s. Refused: aliases, anchors, tags, duplicate keys, merge keys, tabs as
 * indentation, control and text-reversing characters, and what exceeds {@link Limits}. A source whose name ends in
 * {@code .json} is read as JSON (RFC 8259) and is one document.
 */
public final class Documents {
    private Documents() {}

    /** Every document of the text; problems are added, and what could not be read is left out. */
    public static List<Node> parse(Source source, Problems problems) {
        return parse(source, Limits.FILE, problems);
    }

    /** The same with limits of one's own. */
    public static List<Node> parse(Source source, Limits limits, Problems problems) {
        if (source.text().length() > limits.chars()) {
            problems.add(
                    new Location(source.name(), 1, 1),
                    "",
                    Code.TOO_LARGE,
                    source.text().length() + " characters (expected: at most " + limits.chars() + "; split the file)");
            return List.of();
        }
        if (!Characters.check(source, problems)) {
            return List.of();
        }
        Tree tree = new Tree(limits, problems);
        try {
            return source.name().endsWith(".json")
                    ? new JsonTree(source, tree).documents()
                    : new YamlTree(source, tree).documents();
        } catch (Tree.Refused refused) {
            problems.add(refused.problem);
            return List.of();
        }
    }
}
