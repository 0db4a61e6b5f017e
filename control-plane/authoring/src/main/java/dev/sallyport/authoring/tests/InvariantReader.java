package dev.sallyport.authoring.tests;

import dev.sallyport.authoring.tests.PolicyTest.Invariant;
import dev.sallyport.authoring.tests.PolicyTest.Proof;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Location;
import dev.sallyport.document.Node;
import dev.sallyport.document.Text;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Reads an invariant: {@code {request: POST /charges, neverFrom: "*", except: [orders]}}, {@code {request: "* /admin/**", neverWithout: {role: finance}}}. Both together: never from
 * these without that. {@code *} and {@code any-mesh} are every service of the Mesh, which {@code neverWithout} alone means too.
 */
final class InvariantReader {
    private static final String FROM = "neverFrom";
    private static final String WITHOUT = "neverWithout";
    private static final String ANY_USER = "user";
    private static final Set<String> EVERYBODY = Set.of("*", References.ANY_MESH);

    private final References known;
    private final Optional<String> destination;

    InvariantReader(References known, Optional<String> destination) {
        this.known = known;
        this.destination = destination;
    }

    Invariant read(String name, Location location, Fields fields) {
        List<Text> from = fields.optionalPlacedTexts(FROM);
        List<Text> except = fields.optionalPlacedTexts("except");
        Optional<Proof> proof = proof(fields);
        if (from.isEmpty() && proof.isEmpty()) {
            fields.missing(FROM, "\"*\" or a list of services; or neverWithout: user | {role: name}");
        }
        Invariant invariant = new Invariant(
                name,
                location,
                new Destination(known, destination).read(fields),
                PatternReader.read(fields, "request"),
                callers(from, except),
                proof,
                "never from " + (from.isEmpty() ? "*" : names(from))
                        + (except.isEmpty() ? "" : " except " + names(except))
                        + proof.map(asked -> " without " + asked).orElse(""),
                Moment.read(fields, "at", Moment.NOW));
        fields.done();
        return invariant;
    }

    private static String names(List<Text> texts) {
        return texts.stream().map(Text::text).collect(Collectors.joining(", "));
    }

    /** Without {@code neverFrom} every service: then it is the user that matters. */
    private Set<String> callers(List<Text> from, List<Text> except) {
        boolean every = from.isEmpty()
                || (from.size() == 1 && EVERYBODY.contains(from.getFirst().text()));
        Set<String> callers = every
                ? known.mesh()
                        .map(mesh -> new TreeSet<>(mesh.services().keySet()))
                        .orElse(new TreeSet<>())
                : services(from);
        callers.removeAll(services(except));
        return callers;
    }

    private Set<String> services(List<Text> names) {
        Set<String> services = new TreeSet<>();
        names.forEach(name -> known.service(name).ifPresent(service -> services.add(service.name())));
        return services;
    }

    private Optional<Proof> proof(Fields fields) {
        Optional<Node> node = fields.node(WITHOUT);
        if (node.isPresent() && node.get() instanceof Node.Scalar scalar) {
            if (!scalar.text().equals(ANY_USER)) {
                fields.problem(
                        WITHOUT,
                        Codes.NAME_UNKNOWN,
                        scalar.text()
                                + " (expected: user, or {role: name}, {scope: name}, {issuer: name}, {subject: name}"
                                + " or {claims: {name: value}})");
            }
            return Optional.of(new Proof(Optional.empty(), Optional.empty(), Set.of(), Set.of(), Map.of()));
        }
        return fields.optionalFields(WITHOUT).map(this::proven);
    }

    private Proof proven(Fields fields) {
        Optional<String> issuer = fields.optionalText("issuer");
        issuer.ifPresent(name -> known.issuer(fields.placed("issuer", name)));
        Proof proof = new Proof(
                issuer,
                fields.optionalText("subject"),
                Set.copyOf(fields.optionalTexts("role")),
                Set.copyOf(fields.optionalTexts("scope")),
                fields.namedTexts("claims"));
        fields.done();
        return proof;
    }
}
