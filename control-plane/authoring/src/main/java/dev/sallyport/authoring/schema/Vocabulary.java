package dev.sallyport.authoring.schema;

import dev.sallyport.document.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the language knows at one place of a document: the keys in its order, and what the value is. Read from the schema; where that is silent, nothing is known. Immutable. */
public final class Vocabulary {
    private static final List<String> ALTERNATIVES = List.of("anyOf", "oneOf", "allOf");

    /** Every schema that a value here may follow; references and alternatives are resolved. */
    private final List<Node.Mapping> schemas;

    private Vocabulary(List<Node> schemas) {
        List<Node.Mapping> resolved = new ArrayList<>();
        schemas.forEach(schema -> resolve(schema, resolved));
        this.schemas = List.copyOf(resolved);
    }

    /** At the root of a document of this kind; nothing is known of other kinds. */
    public static Vocabulary of(String kind) {
        return new Vocabulary(
                Optional.<Node>ofNullable(Parts.kinds().get(kind)).stream().toList());
    }

    /** Of the value of {@code key}. */
    public Vocabulary key(String key) {
        return new Vocabulary(
                schemas.stream().flatMap(schema -> key(schema, key)).toList());
    }

    private static Stream<Node> key(Node.Mapping schema, String key) {
        Optional<Node> known = member(schema, "properties").flatMap(properties -> member(properties, key));
        return known.isPresent()
                ? known.stream()
                : member(schema, "patternProperties").stream().flatMap(Vocabulary::members);
    }

    /** Of each item of a list. */
    public Vocabulary item() {
        return new Vocabulary(schemas.stream()
                .flatMap(schema -> member(schema, "items").stream())
                .toList());
    }

    /** The known keys in the order of the language; empty where keys are names that authors choose. */
    public List<String> keys() {
        return schemas.stream()
                .flatMap(schema -> member(schema, "properties").stream())
                .flatMap(properties -> properties instanceof Node.Mapping mapping
                        ? mapping.entries().keySet().stream()
                        : Stream.empty())
                .distinct()
                .toList();
    }

    /** Whether keys may be names that authors choose. */
    public boolean named() {
        return schemas.stream()
                .anyMatch(schema -> member(schema, "patternProperties").isPresent());
    }

    /** Whether a text here is a condition in CEL. */
    public boolean condition() {
        return says("format", "cel");
    }

    /** Whether a text here is a match or a request, in which variables may stand. */
    public boolean match() {
        return says("format", "match");
    }

    /** Whether a list here is a set: an item that stands twice says nothing more. */
    public boolean set() {
        return says("uniqueItems", "true");
    }

    private boolean says(String key, String value) {
        return schemas.stream()
                .anyMatch(schema -> member(schema, key)
                        .filter(node -> node instanceof Node.Scalar scalar
                                && scalar.text().equals(value))
                        .isPresent());
    }

    private static void resolve(Node node, List<Node.Mapping> resolved) {
        if (!(node instanceof Node.Mapping schema)) {
            return;
        }
        resolved.add(schema);
        if (member(schema, Parts.REF).orElse(schema) instanceof Node.Scalar ref) {
            resolve(Parts.definition(ref.text()), resolved);
        }
        for (String key : ALTERNATIVES) {
            if (member(schema, key).orElse(schema) instanceof Node.Sequence alternatives) {
                alternatives.items().forEach(alternative -> resolve(alternative, resolved));
            }
        }
    }

    private static Stream<Node> members(Node node) {
        return node instanceof Node.Mapping mapping
                ? mapping.entries().values().stream().map(Node.Entry::value)
                : Stream.empty();
    }

    private static Optional<Node> member(Node node, String key) {
        return node instanceof Node.Mapping mapping
                ? Optional.ofNullable(mapping.entries().get(key)).map(Node.Entry::value)
                : Optional.empty();
    }
}
