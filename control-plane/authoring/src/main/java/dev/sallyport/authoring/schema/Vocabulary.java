package dev.sallyport.authoring.schema;

import dev.sallyport.document.Location;
import dev.sallyport.document.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the language knows at one place of a document: the keys in its order, and what the value is. Read from the schema; where that is silent, nothing is known. Immutable. */
public final class Vocabulary {
    private static final List<String> ALTERNATIVES = List.of("anyOf", "oneOf", "allOf");
    private static final Node NO_NODE = new Node.Sequence(new Location("", 1, 1), List.of());
    private static final Vocabulary NOTHING = new Vocabulary(List.of());
    private static final Map<String, Vocabulary> ROOTS = Parts.kinds().entrySet().stream()
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, kind -> of(Stream.of(kind.getValue()))));

    private final Map<String, Vocabulary> known = new LinkedHashMap<>();
    private final List<String> keys;
    private final Optional<Vocabulary> named;
    private final Optional<Vocabulary> item;
    private final boolean condition;
    private final boolean match;
    private final boolean set;

    /** {@code schemas}: every one that a value here may follow, references and alternatives resolved. The schema is finite, so this ends. */
    private Vocabulary(List<Node.Mapping> schemas) {
        Stream<String> words = schemas.stream().flatMap(schema -> members(schema, "properties").keySet().stream());
        words.distinct().forEach(key -> known.put(key, of(schemas.stream().flatMap(schema -> child(schema, key)))));
        this.keys = List.copyOf(known.keySet());
        this.named = vocabulary(schemas.stream()
                .flatMap(schema -> members(schema, "patternProperties").values().stream())
                .map(Node.Entry::value));
        this.item = vocabulary(schemas.stream().flatMap(schema -> member(schema, "items").stream()));
        this.condition = says(schemas, "format", "cel");
        this.match = says(schemas, "format", "match");
        this.set = says(schemas, "uniqueItems", "true");
    }

    /** At the root of a document of this kind; nothing is known of other kinds. */
    public static Vocabulary of(String kind) {
        return ROOTS.getOrDefault(kind, NOTHING);
    }

    private static Vocabulary of(Stream<Node> schemas) {
        return vocabulary(schemas).orElse(NOTHING);
    }

    private static Optional<Vocabulary> vocabulary(Stream<Node> schemas) {
        List<Node.Mapping> resolved = new ArrayList<>();
        schemas.forEach(schema -> resolve(schema, resolved));
        return resolved.isEmpty() ? Optional.empty() : Optional.of(new Vocabulary(resolved));
    }

    /** Of the value of {@code key}. */
    public Vocabulary key(String key) {
        return Optional.ofNullable(known.get(key)).or(() -> named).orElse(NOTHING);
    }

    /** Of each item of a list. */
    public Vocabulary item() {
        return item.orElse(NOTHING);
    }

    /** The known keys in the order of the language; empty where keys are names that authors choose. */
    public List<String> keys() {
        return keys;
    }

    /** Whether keys may be names that authors choose. */
    public boolean named() {
        return named.isPresent();
    }

    /** Whether a text here is a condition in CEL. */
    public boolean condition() {
        return condition;
    }

    /** Whether a text here is a match or a request, in which variables may stand. */
    public boolean match() {
        return match;
    }

    /** Whether a list here is a set: an item that stands twice says nothing more. */
    public boolean set() {
        return set;
    }

    /** Where keys are both known and chosen (a matrix, or several by name), a known one may be chosen too. */
    private static Stream<Node> child(Node.Mapping schema, String key) {
        Node.Entry known = members(schema, "properties").get(key);
        return known != null
                ? Stream.of(known.value())
                : members(schema, "patternProperties").values().stream().map(Node.Entry::value);
    }

    private static boolean says(List<Node.Mapping> schemas, String key, String value) {
        return schemas.stream()
                .flatMap(schema -> member(schema, key).stream())
                .anyMatch(node ->
                        node instanceof Node.Scalar scalar && scalar.text().equals(value));
    }

    private static void resolve(Node node, List<Node.Mapping> resolved) {
        if (!(node instanceof Node.Mapping schema)) {
            return;
        }
        resolved.add(schema);
        if (member(schema, Parts.REF).orElse(NO_NODE) instanceof Node.Scalar ref) {
            resolve(Parts.definition(ref.text()), resolved);
        }
        for (String key : ALTERNATIVES) {
            if (member(schema, key).orElse(NO_NODE) instanceof Node.Sequence alternatives) {
                alternatives.items().forEach(alternative -> resolve(alternative, resolved));
            }
        }
    }

    private static Map<String, Node.Entry> members(Node.Mapping schema, String key) {
        return member(schema, key).orElse(NO_NODE) instanceof Node.Mapping members ? members.entries() : Map.of();
    }

    private static Optional<Node> member(Node.Mapping schema, String key) {
        return Optional.ofNullable(schema.entries().get(key)).map(Node.Entry::value);
    }
}
