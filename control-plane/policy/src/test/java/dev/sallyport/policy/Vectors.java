package dev.sallyport.policy;

import dev.sallyport.document.Documents;
import dev.sallyport.document.Fields;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import dev.sallyport.identity.SpiffeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** One file of decision vectors, in the format that {@code vectors/README.md} describes; strict. */
record Vectors(String name, String service, DocumentSet set, List<Vector> cases) {
    /** Begins the names of files whose documents have conditions. */
    static final String WHEN = "when-";

    private static final Path FOLDER = Path.of("src/test/resources/vectors");

    /** {@code expected} as text by key, nested ones with dots between: {@code shadow.reason}. */
    record Vector(String name, Instant now, VectorFacts facts, SortedMap<String, String> expected) {}

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
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
        fields.text("description");
        String service = fields.text("service");
        Instant now = Instant.parse(fields.text("now"));
        DocumentSet set = documents(file, fields.text("documents"));
        Map<String, UserFact> users = new TreeMap<>();
        fields.named("users").forEach((name, user) -> users.put(name, user(user)));
        Mesh.Service called =
                Optional.ofNullable(set.mesh().services().get(service)).orElseThrow();
        List<Vector> cases = new ArrayList<>();
        fields.named("cases").forEach((name, each) -> cases.add(vector(name, each, now, set, users, called)));
        fields.done();
        problems.throwIfAny();
        return new Vectors(source.name(), service, set, List.copyOf(cases));
    }

    /** With conditions: the file beside it, where `authoring` has checked them. */
    private static DocumentSet documents(Path file, String text) throws IOException, InvalidDocumentException {
        String name = file.getFileName().toString();
        return name.startsWith(WHEN)
                ? DocumentSet.ofJson(Files.readString(file.resolveSibling(name.replace(".yaml", ".json"))))
                : DocumentSet.load(List.of(new Source(name + " documents", text)));
    }

    private static UserFact user(Fields fields) {
        Map<String, Object> claims = new TreeMap<>();
        fields.node("claims")
                .ifPresent(node -> ((Node.Mapping) node)
                        .entries()
                        .forEach((claim, entry) -> claims.put(claim, claim(entry.value()))));
        User user = new User(
                fields.text("issuer"),
                fields.text("sub"),
                fields.optionalTexts("roles"),
                fields.optionalTexts("scopes"),
                claims,
                Instant.parse(fields.text("iat")),
                Instant.parse(fields.text("exp")));
        fields.done();
        return new UserFact.Verified(user);
    }

    private static Object claim(Node node) {
        return switch (node) {
            case Node.Sequence list -> list.items().stream().map(Vectors::text).toList();
            case Node.Scalar scalar
            when scalar.plain() && scalar.text().matches("true|false") -> Boolean.valueOf(scalar.text());
            case Node.Scalar scalar
            when scalar.plain() && scalar.text().matches("-?[0-9]+") -> Long.valueOf(scalar.text());
            default -> text(node);
        };
    }

    private static Vector vector(
            String name,
            Fields fields,
            Instant usual,
            DocumentSet set,
            Map<String, UserFact> users,
            Mesh.Service called) {
        Optional<SpiffeId> caller = fields.optionalText("from").map(from -> identity(from, set));
        UserFact as = user(fields, "as", users);
        List<String> via = fields.optionalTexts("via");
        Instant now = fields.optionalText("now").map(Instant::parse).orElse(usual);
        VectorFacts facts = new VectorFacts(
                caller,
                fields.node("request").map(Vectors::text).orElse(""),
                fields.node("host").map(Vectors::text).orElse("service"),
                fields.integer("tcp", 0, 1, 65535),
                headers(fields),
                via.isEmpty() ? as : user(fields, "own", users),
                via.isEmpty() ? new UserFact.Absent() : carried(as, via),
                answers(fields),
                called);
        SortedMap<String, String> expected = new TreeMap<>();
        for (String key : VectorOutcome.KEYS) {
            fields.node(key).ifPresent(node -> flatten(key, node, expected));
        }
        fields.done();
        return new Vector(name, now, facts, expected);
    }

    private static UserFact user(Fields fields, String key, Map<String, UserFact> users) {
        Optional<String> word = fields.optionalText(key);
        if (word.isEmpty()) {
            return new UserFact.Absent();
        }
        if (word.get().equals("unjudged")) {
            return new UserFact.Unjudged();
        }
        return word.get().startsWith("token_")
                ? new UserFact.Bad(Reason.ofCode(word.get()))
                : Optional.ofNullable(users.get(word.get())).orElseThrow();
    }

    private static UserFact carried(UserFact as, List<String> via) {
        return as instanceof UserFact.Verified(User user) ? new UserFact.Verified(Facts.carried(user, via)) : as;
    }

    private static SpiffeId identity(String from, DocumentSet set) {
        return from.startsWith("spiffe:")
                ? Facts.id(from)
                : Optional.ofNullable(set.mesh().services().get(from))
                        .orElseThrow()
                        .identity();
    }

    /** Each name with its values in the order in which they arrived. */
    private static Map<String, List<String>> headers(Fields fields) {
        Map<String, List<String>> headers = new TreeMap<>();
        fields.node("headers")
                .ifPresent(node -> ((Node.Mapping) node)
                        .entries()
                        .forEach((name, entry) -> headers.put(
                                name,
                                entry.value() instanceof Node.Sequence list
                                        ? list.items().stream()
                                                .map(Vectors::text)
                                                .toList()
                                        : List.of(text(entry.value())))));
        return headers;
    }

    private static Map<String, OpaAnswer> answers(Fields fields) {
        Map<String, OpaAnswer> answers = new TreeMap<>();
        fields.namedTexts("opa")
                .forEach((target, answer) -> answers.put(
                        target,
                        switch (answer) {
                            case "true" -> OpaAnswer.TRUE;
                            case "false" -> OpaAnswer.FALSE;
                            case "error" -> OpaAnswer.ERROR;
                            default ->
                                throw new IllegalArgumentException(
                                        "opa: " + answer + " (expected: true | false | error)");
                        }));
        return answers;
    }

    private static void flatten(String key, Node node, Map<String, String> into) {
        if (node instanceof Node.Mapping mapping) {
            mapping.entries().forEach((inner, entry) -> flatten(key + "." + inner, entry.value(), into));
        } else {
            into.put(key, text(node));
        }
    }

    private static String text(Node node) {
        if (node instanceof Node.Scalar scalar) {
            return scalar.text();
        }
        throw new IllegalArgumentException(node.location() + ": " + node.form() + " (expected: a text)");
    }
}
