package dev.sallyport.authoring.tests;

import dev.sallyport.authoring.tests.PolicyTest.Case;
import dev.sallyport.authoring.tests.PolicyTest.Invariant;
import dev.sallyport.authoring.tests.PolicyTest.Person;
import dev.sallyport.document.Documents;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Location;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import dev.sallyport.policy.RoutePolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads the {@code PolicyTest}s among some sources; what stands above {@code spec}, and every other kind, is the loader's. */
final class PolicyTestReader {
    private static final String KIND = "PolicyTest";
    private static final String CASES = "cases";
    private static final String MATRIX = "matrix";
    private static final String INVARIANTS = "invariants";

    private final References known;

    private PolicyTestReader(References known) {
        this.known = known;
    }

    static List<PolicyTest> read(List<Source> sources, References known) {
        PolicyTestReader reader = new PolicyTestReader(known);
        List<PolicyTest> tests = new ArrayList<>();
        for (Source source : sources) {
            // What is wrong with the text is the loader's to say, once.
            for (Node document : Documents.parse(source, new Problems())) {
                Optional<Node> spec = child(document, "spec").filter(Node.Mapping.class::isInstance);
                if (text(child(document, "kind")).equals(KIND) && spec.isPresent()) {
                    String name = text(child(document, "metadata").flatMap(metadata -> child(metadata, "name")));
                    tests.add(reader.test(name, document.location(), Fields.of(spec.get(), "spec", known.problems())));
                }
            }
        }
        return List.copyOf(tests);
    }

    private PolicyTest test(String name, Location location, Fields spec) {
        Optional<String> service = spec.optionalText("service");
        service.ifPresent(text -> known.service(spec.placed("service", text)));
        Optional<String> destination = service.or(() -> serviceOfPolicy(name));
        Optional<Instant> now = spec.instant("now");
        Map<String, Person> people = new LinkedHashMap<>();
        spec.named("users").forEach((user, fields) -> people.put(user, new PersonReader(known).read(user, fields)));
        CaseReader reader = new CaseReader(known, destination, people);
        List<Case> cases = new ArrayList<>();
        named(spec, CASES).forEach(one -> cases.addAll(reader.one(one.name(), one.place(), one.fields())));
        matrices(spec).forEach(one -> cases.addAll(reader.matrix(one.name(), one.place(), one.fields())));
        InvariantReader stated = new InvariantReader(known, destination);
        List<Invariant> invariants = named(spec, INVARIANTS).stream()
                .map(one -> stated.read(one.name(), one.place(), one.fields()))
                .toList();
        if (!spec.has(CASES) && !spec.has(MATRIX) && !spec.has(INVARIANTS)) {
            String message = "nothing to test (expected: cases, a matrix or invariants)";
            spec.problems().add(spec.location(), spec.path(), Codes.NOTHING_TO_TEST, message);
        }
        spec.done();
        return new PolicyTest(name, location, now, cases, invariants);
    }

    private Optional<String> serviceOfPolicy(String name) {
        return known.set().stream()
                .flatMap(set -> Stream.of(set.policies(), set.candidates()))
                .flatMap(policies -> policies.values().stream())
                .filter(policy -> policy.name().equals(name))
                .map(RoutePolicy::service)
                .findFirst();
    }

    /** Something with a name, and where that stands. */
    private record Named(String name, Location place, Fields fields) {}

    private static List<Named> named(Fields spec, String key) {
        Optional<Node> node = spec.node(key);
        List<Named> named = new ArrayList<>();
        spec.named(key).forEach((name, fields) -> {
            Optional<Node.Entry> entry = node.flatMap(mapping -> entry(mapping, name));
            named.add(new Named(name, entry.map(Node.Entry::keyLocation).orElse(fields.location()), fields));
        });
        return named;
    }

    /** One matrix, or several by name. Only a matrix itself has a text or a list under {@code request}. */
    private static List<Named> matrices(Fields spec) {
        Optional<Node> request = spec.node(MATRIX).flatMap(matrix -> child(matrix, "request"));
        return request.isPresent() && !(request.get() instanceof Node.Mapping)
                ? List.of(new Named(MATRIX, spec.location(MATRIX), spec.fields(MATRIX)))
                : named(spec, MATRIX);
    }

    private static Optional<Node.Entry> entry(Node node, String key) {
        return node instanceof Node.Mapping mapping
                ? Optional.ofNullable(mapping.entries().get(key))
                : Optional.empty();
    }

    private static Optional<Node> child(Node node, String key) {
        return entry(node, key).map(Node.Entry::value);
    }

    private static String text(Optional<Node> node) {
        return node.isPresent() && node.get() instanceof Node.Scalar scalar ? scalar.text() : "";
    }
}
