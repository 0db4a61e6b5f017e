package dev.sallyport.proxy.inbound;

import dev.sallyport.document.Documents;
import dev.sallyport.document.Fields;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A file of decision vectors, as its {@code README.md} describes it, as far as a sidecar needs it. */
record Vectors(String name, String service, Optional<DocumentSet> set, Map<String, User> users, List<Vector> cases) {
    private static final Path FOLDER = Path.of("../control-plane/policy/src/test/resources/vectors");

    /** {@code headers}: name and value in their order. */
    record Vector(
            String name,
            Instant now,
            Optional<String> from,
            Optional<String> as,
            String request,
            String host,
            List<Map.Entry<String, String>> headers,
            Map<String, String> opa,
            Map<String, String> expected) {}

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .filter(file -> !file.endsWith("carried.yaml")) // Hop tokens need the sidecars that made them.
                    .sorted()
                    .toList();
        }
    }

    static Vectors read(Path file) throws IOException, InvalidDocumentException {
        Problems problems = new Problems();
        Source source = new Source(file.getFileName().toString(), Files.readString(file));
        Node root = Documents.parse(source, problems).getFirst();
        problems.throwIfAny();
        Fields fields = Fields.of(root, "", problems);
        Instant now = Instant.parse(fields.text("now"));
        Map<String, User> users = new TreeMap<>();
        fields.named("users").forEach((name, user) -> users.put(name, user(user)));
        List<Vector> cases = new ArrayList<>();
        fields.named("cases").forEach((name, each) -> cases.add(vector(name, each, now)));
        problems.throwIfAny();
        return new Vectors(
                source.name(), fields.text("service"), documents(file, fields.text("documents")), users, cases);
    }

    /** With conditions: as they stand checked beside the file, empty until they do. */
    private static Optional<DocumentSet> documents(Path file, String text)
            throws IOException, InvalidDocumentException {
        Path checked = Path.of(file.toString().replace(".yaml", ".json"));
        if (Files.exists(checked)) {
            return Optional.of(DocumentSet.ofJson(Files.readString(checked)));
        }
        return file.getFileName().toString().startsWith("when-")
                ? Optional.empty()
                : Optional.of(DocumentSet.load(List.of(new Source("documents", text))));
    }

    private static User user(Fields fields) {
        Map<String, Object> claims = new TreeMap<>();
        fields.node("claims")
                .ifPresent(node -> ((Node.Mapping) node)
                        .entries()
                        .forEach((claim, entry) -> claims.put(claim, claim(entry.value()))));
        return new User(
                fields.text("issuer"),
                fields.text("sub"),
                fields.optionalTexts("roles"),
                fields.optionalTexts("scopes"),
                claims,
                Instant.parse(fields.text("iat")),
                Instant.parse(fields.text("exp")));
    }

    private static Object claim(Node node) {
        if (node instanceof Node.Sequence list) {
            return list.items().stream().map(Vectors::text).toList();
        }
        String text = text(node);
        boolean plain = node instanceof Node.Scalar scalar && scalar.plain();
        if (plain && text.matches("true|false")) {
            return Boolean.valueOf(text);
        }
        return plain && text.matches("-?[0-9]+") ? (Object) Long.valueOf(text) : text;
    }

    private static Vector vector(String name, Fields fields, Instant usual) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        fields.node("headers")
                .ifPresent(node -> ((Node.Mapping) node).entries().forEach((header, entry) -> {
                    List<Node> values =
                            entry.value() instanceof Node.Sequence list ? list.items() : List.of(entry.value());
                    values.forEach(value -> headers.add(Map.entry(header, text(value))));
                }));
        Map<String, String> expected = new LinkedHashMap<>();
        for (String key : List.of("expect", "reason", "status", "rule", "nearest", "guardrail", "observed", "query")) {
            fields.node(key).ifPresent(node -> expected.put(key, text(node)));
        }
        return new Vector(
                name,
                fields.optionalText("now").map(Instant::parse).orElse(usual),
                fields.optionalText("from"),
                fields.optionalText("as"),
                fields.node("request").map(Vectors::text).orElse(""),
                fields.node("host").map(Vectors::text).orElse("service"),
                headers,
                fields.namedTexts("opa"),
                expected);
    }

    private static String text(Node node) {
        if (node instanceof Node.Scalar scalar) {
            return scalar.text();
        }
        throw new IllegalArgumentException(node.location() + ": " + node.form() + " (expected: a text)");
    }
}
