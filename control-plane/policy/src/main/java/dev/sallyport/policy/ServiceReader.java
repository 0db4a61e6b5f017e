package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.document.HostPort;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Text;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads the services of a Mesh. */
final class ServiceReader {
    private final Optional<TrustDomain> trustDomain;
    private final Problems problems;
    private final Map<SpiffeId, String> identities = new HashMap<>();

    ServiceReader(Optional<TrustDomain> trustDomain, Problems problems) {
        this.trustDomain = trustDomain;
        this.problems = problems;
    }

    /** Of every service that was read. */
    Set<SpiffeId> identities() {
        return identities.keySet();
    }

    /** Empty when its identity is a problem. */
    Optional<Mesh.Service> read(String name, Fields fields) {
        Names.checkService(name, fields);
        Optional<SpiffeId> identity = identity(name, fields);
        Map<Integer, Mesh.PortKind> ports = new TreeMap<>();
        Map<String, String> declared = fields.namedTexts("ports");
        if (Bound.PORTS.holds(declared.size(), fields, "ports")) {
            declared.forEach((port, kind) -> port(fields, port, kind, ports));
        }
        List<HostPort> endpoints = endpoints(fields);
        SortedMap<Integer, Relaxations> relax = RelaxationReader.relax(fields, declared.keySet(), ports);
        Paths paths = RelaxationReader.paths(fields);
        fields.later("mode");
        fields.done();
        return identity.map(id -> new Mesh.Service(name, id, new TreeMap<>(ports), endpoints, relax, paths));
    }

    private List<HostPort> endpoints(Fields fields) {
        List<HostPort> endpoints = new ArrayList<>();
        for (Text text : Bound.ENDPOINTS.optionalTexts(fields, "endpoints")) {
            Optional<HostPort> endpoint = HostPort.parse(text.text()).filter(to -> to.port() > 0);
            if (endpoint.isEmpty()) {
                text.problem(problems, Code.VALUE, text.text() + " (expected: host:port, port 1..65535)");
            }
            if (endpoint.filter(endpoints::contains).isPresent()) {
                text.problem(problems, Code.VALUE, text.text() + ": listed twice (expected: each endpoint once)");
            } else {
                endpoint.ifPresent(endpoints::add);
            }
        }
        return endpoints;
    }

    private Optional<SpiffeId> identity(String name, Fields fields) {
        String text = fields.text("identity");
        Optional<SpiffeId> parsed =
                text.isEmpty() ? Optional.empty() : Identities.id(fields.placed("identity", text), problems);
        parsed.ifPresent(id -> checkIdentity(name, fields, id));
        return parsed;
    }

    private void checkIdentity(String name, Fields fields, SpiffeId id) {
        String first = identities.putIfAbsent(id, name);
        if (trustDomain.isPresent() && !id.trustDomain().equals(trustDomain.get())) {
            fields.problem(
                    "identity",
                    Codes.IDENTITY_FOREIGN,
                    id + ": of another trust domain (expected: spiffe://" + trustDomain.get() + "/…)");
        } else if (id.reserved()) {
            fields.problem(
                    "identity",
                    Codes.IDENTITY_RESERVED,
                    id + ": reserved (expected: a path outside /sallyport/, which is the control plane's)");
        } else if (first != null) {
            fields.problem(
                    "identity",
                    Codes.IDENTITY_TWICE,
                    id + ": the identity of " + first + " (expected: one of its own for each service)");
        }
    }

    private static void port(Fields fields, String port, String kind, Map<Integer, Mesh.PortKind> ports) {
        int number = HostPort.port(port);
        if (number < 1) {
            fields.problem("ports", Codes.PORT, port + " (expected: a port of 1..65535)");
            return;
        }
        Optional<Mesh.PortKind> known = Stream.of(Mesh.PortKind.values())
                .filter(word -> word.word().equals(kind))
                .findFirst();
        if (known.isEmpty()) {
            boolean later = Set.of("http2", "websocket", "https").contains(kind);
            fields.problem(
                    "ports",
                    later ? Code.LATER : Codes.PORT,
                    port + ": " + kind + (later ? ": not in this version of Sallyport" : "")
                            + " (expected: http, grpc or tcp)");
        }
        known.ifPresent(spoken -> ports.put(number, spoken));
    }
}
