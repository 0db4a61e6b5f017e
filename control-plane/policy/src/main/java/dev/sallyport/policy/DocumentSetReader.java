package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Documents;
import dev.sallyport.document.Fields;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Limits;
import dev.sallyport.document.Location;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Sources → documents → one consistent set, or every problem that there is. */
final class DocumentSetReader {
    static final String ANY_MESH = "any-mesh";

    private static final String MESH = "Mesh";
    private static final String ROUTE_POLICY = "RoutePolicy";
    private static final String GUARDRAIL = "Guardrail";
    private static final String POLICY_TEST = "PolicyTest";

    private final Problems problems;
    private final boolean canonical;
    private final Map<String, Location> named = new HashMap<>();
    private Optional<MeshReader> mesh = Optional.empty();
    private final List<Header> policies = new ArrayList<>();
    private final List<Header> guardrails = new ArrayList<>();

    private DocumentSetReader(Problems problems, boolean canonical) {
        this.problems = problems;
        this.canonical = canonical;
    }

    static DocumentSet load(List<Source> sources) throws InvalidDocumentException {
        Problems problems = new Problems();
        DocumentSetReader reader = new DocumentSetReader(problems, false);
        for (Source source : sources) {
            Documents.parse(source, problems)
                    .forEach(node -> reader.document(
                            Fields.of(node, "", problems), List.of(MESH, ROUTE_POLICY, GUARDRAIL, POLICY_TEST)));
        }
        String first = sources.isEmpty() ? "documents" : sources.getFirst().name();
        return reader.finish(new Location(first, 1, 1));
    }

    static DocumentSet ofJson(String json) throws InvalidDocumentException {
        Problems problems = new Problems();
        DocumentSetReader reader = new DocumentSetReader(problems, true);
        Source source = new Source("documents.json", json);
        for (Node node : Documents.parse(source, Limits.SNAPSHOT, problems)) {
            Fields root = Fields.of(node, "", problems);
            reader.document(root.fields("mesh"), List.of(MESH));
            reader.documents(root, "policies", ROUTE_POLICY);
            reader.documents(root, "guardrails", GUARDRAIL);
            root.done();
        }
        return reader.finish(new Location(source.name(), 1, 1));
    }

    /** A list that may be empty and must be there: a snapshot that lost its guardrails would be one that has none. */
    private void documents(Fields root, String key, String kind) {
        Optional<Node> node = root.node(key);
        if (node.isEmpty()) {
            root.missing(key, "a list of documents of kind " + kind);
        } else if (node.get() instanceof Node.Sequence list) {
            for (int i = 0; i < list.items().size(); i++) {
                document(Fields.of(list.items().get(i), key + "[" + i + "]", problems), List.of(kind));
            }
        } else {
            root.problem(key, Code.FORM, node.get().form() + " (expected: a list of documents of kind " + kind + ")");
        }
    }

    /** All but the Mesh's spec waits until the Mesh is known. */
    private void document(Fields root, List<String> kinds) {
        Header header = Header.read(root, kinds);
        if (!kinds.contains(header.kind())) {
            return; // a problem already
        }
        once(header);
        switch (header.kind()) {
            case MESH -> mesh(header);
            case ROUTE_POLICY -> policies.add(header);
            case GUARDRAIL -> guardrails.add(header);
            default -> {} // a PolicyTest, which `authoring` reads
        }
    }

    private void once(Header header) {
        Location first = named.putIfAbsent(header.kind() + " " + header.name(), header.location());
        if (first != null && !header.name().isEmpty()) {
            problems.add(
                    header.location(),
                    "metadata.name",
                    Codes.DOCUMENT_TWICE,
                    header.name() + ": a second " + header.kind() + " of this name (expected: one; the first is at "
                            + first + ")");
        }
    }

    private void mesh(Header header) {
        if (mesh.isPresent()) {
            problems.add(
                    header.location(),
                    "",
                    Codes.DOCUMENT_TWICE,
                    "a second Mesh (expected: one; the first is at "
                            + mesh.get().location() + ")");
            return;
        }
        mesh = Optional.of(new MeshReader(header));
    }

    private DocumentSet finish(Location whole) throws InvalidDocumentException {
        if (mesh.isEmpty() && problems.isEmpty()) {
            problems.add(whole, "", Codes.MESH_MISSING, "no Mesh (expected: one document of kind Mesh)");
        }
        Reading reading = new Reading(mesh, canonical, problems);
        List<RoutePolicy> read = new ArrayList<>();
        Map<String, Location> places = new HashMap<>();
        for (Header header : policies) {
            RoutePolicy policy = new RoutePolicyReader(reading, header).read();
            onceAService(policy, header, places);
            read.add(policy);
        }
        SortedMap<String, Guardrail> denials = new TreeMap<>();
        if (Bound.GUARDRAILS.holds(guardrails.size(), whole, "", problems)) {
            guardrails.forEach(header -> denials.put(header.name(), new GuardrailReader(reading, header).read()));
        }
        problems.throwIfAny();
        return new DocumentSet(mesh.orElseThrow().mesh(), byService(read, false), byService(read, true), denials);
    }

    private static void onceAService(RoutePolicy policy, Header header, Map<String, Location> places) {
        String what = policy.candidate() ? "candidate" : "RoutePolicy";
        Location first = places.putIfAbsent(what + " " + policy.service(), header.location());
        if (first != null && !policy.service().isEmpty()) {
            header.spec()
                    .problem(
                            "service",
                            Codes.DOCUMENT_TWICE,
                            policy.service() + ": a second " + what
                                    + " of this service (expected: one; the first is at " + first + ")");
        }
    }

    private static SortedMap<String, RoutePolicy> byService(List<RoutePolicy> policies, boolean candidates) {
        return policies.stream()
                .filter(policy -> policy.candidate() == candidates)
                .collect(Collectors.toMap(RoutePolicy::service, policy -> policy, (one, _) -> one, TreeMap::new));
    }
}
