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
import java.util.TreeMap;

/** Sources → documents → one consistent set, or every problem that there is. */
final class DocumentSetReader {
    static final String API_VERSION = "sallyport.dev/v1";
    static final String OWNER = "sallyport.dev/owner";
    static final String ANY_MESH = "any-mesh";

    private static final String MESH = "Mesh";
    private static final String ROUTE_POLICY = "RoutePolicy";

    private final Problems problems;
    private final Map<String, Location> named = new HashMap<>();
    private Optional<MeshReader> mesh = Optional.empty();
    private final List<Header> policies = new ArrayList<>();

    /** What every document begins with, and its spec. */
    record Header(Location location, String kind, String name, Optional<String> owner, Fields spec) {}

    private DocumentSetReader(Problems problems) {
        this.problems = problems;
    }

    static DocumentSet load(List<Source> sources) throws InvalidDocumentException {
        Problems problems = new Problems();
        DocumentSetReader reader = new DocumentSetReader(problems);
        for (Source source : sources) {
            Documents.parse(source, problems).forEach(node -> reader.document(Fields.of(node, "", problems)));
        }
        String first = sources.isEmpty() ? "documents" : sources.getFirst().name();
        return reader.finish(new Location(first, 1, 1));
    }

    static DocumentSet ofJson(String json) throws InvalidDocumentException {
        Problems problems = new Problems();
        DocumentSetReader reader = new DocumentSetReader(problems);
        Source source = new Source("documents.json", json);
        for (Node node : Documents.parse(source, Limits.SNAPSHOT, problems)) {
            Fields root = Fields.of(node, "", problems);
            reader.document(root.fields("mesh"));
            root.node("policies").ifPresent(list -> reader.policies(list, problems));
            if (!root.has("policies")) {
                root.missing("policies", "a list of RoutePolicies");
            }
            root.done();
        }
        return reader.finish(new Location(source.name(), 1, 1));
    }

    private void policies(Node node, Problems problems) {
        if (!(node instanceof Node.Sequence list)) {
            problems.add(node.location(), "policies", Code.FORM, node.form() + " (expected: a list of RoutePolicies)");
            return;
        }
        for (int i = 0; i < list.items().size(); i++) {
            document(Fields.of(list.items().get(i), "policies[" + i + "]", problems));
        }
    }

    /** Reads the head of one document; a RoutePolicy's spec waits until the Mesh is known. */
    private void document(Fields root) {
        root.oneOf("apiVersion", null, API_VERSION);
        String kind = kind(root);
        Fields metadata = root.fields("metadata");
        String name = metadata.text("name");
        if (!name.isEmpty() && !Names.isName(name)) {
            metadata.problem("name", Codes.NAME, name + " (expected: " + Names.FORM + ")");
        }
        Optional<String> owner = metadata.optionalFields("annotations").flatMap(annotations -> {
            Optional<String> text = annotations.optionalText(OWNER);
            annotations.done();
            return text;
        });
        metadata.done();
        Header header = new Header(root.location(), kind, name, owner, root.fields("spec"));
        root.done();
        once(header);
        switch (kind) {
            case MESH -> mesh(header);
            case ROUTE_POLICY -> policies.add(header);
            default -> {} // a problem already
        }
    }

    private static String kind(Fields root) {
        String kind = root.text("kind");
        switch (kind) {
            case "", MESH, ROUTE_POLICY -> {}
            case "Guardrail", "PolicyTest" ->
                root.problem(
                        "kind",
                        Code.LATER,
                        kind + ": not in this version of Sallyport (expected: Mesh or RoutePolicy)");
            default -> root.problem("kind", Code.VALUE, kind + " (expected: Mesh or RoutePolicy)");
        }
        return kind;
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
        Map<String, RoutePolicy> byService = new TreeMap<>();
        Map<String, Location> places = new HashMap<>();
        for (Header header : policies) {
            RoutePolicy policy = new RoutePolicyReader(mesh, header).read();
            Location first = places.putIfAbsent(policy.service(), header.location());
            if (first != null && !policy.service().isEmpty()) {
                header.spec()
                        .problem(
                                "service",
                                Codes.DOCUMENT_TWICE,
                                policy.service() + ": a second RoutePolicy of this service (expected: one; the first is"
                                        + " at " + first + ")");
            }
            byService.put(policy.service(), policy);
        }
        problems.throwIfAny();
        return new DocumentSet(mesh.orElseThrow().mesh(), new TreeMap<>(byService), new TreeMap<>(), new TreeMap<>());
    }
}
