package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.document.HostPort;
import dev.sallyport.document.Location;
import dev.sallyport.document.Nearest;
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
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads one Mesh document. Names are known even where what they name is wrong, so that one mistake is one problem. */
final class MeshReader {
    private final DocumentSetReader.Header header;
    private final Problems problems;
    private final Optional<TrustDomain> trustDomain;
    private final Set<String> serviceNames = new TreeSet<>();
    private final Map<String, Mesh.Service> services = new TreeMap<>();
    private final Map<SpiffeId, String> identities = new HashMap<>();
    private final Map<String, Mesh.Issuer> issuers = new TreeMap<>();

    MeshReader(DocumentSetReader.Header header) {
        this.header = header;
        Fields spec = header.spec();
        this.problems = spec.problems();
        this.trustDomain = trustDomain(spec);
        spec.optionalFields("tls").ifPresent(MeshReader::tls);
        spec.later("mode", "egress", "until", "opa", "metrics");
        Map<String, Fields> declared = spec.named("services");
        if (!spec.has("services")) {
            spec.missing("services", "name: {identity: spiffe://…, ports: {8080: http}}");
        }
        serviceNames.addAll(declared.keySet());
        declared.forEach(this::service);
        IssuerReader reader = new IssuerReader(this);
        spec.named("issuers").forEach((name, fields) -> issuers.put(name, reader.read(name, fields)));
        spec.done();
    }

    Location location() {
        return header.location();
    }

    /** Only after everything was read without a problem. */
    Mesh mesh() {
        return new Mesh(
                header.name(),
                trustDomain.orElseThrow(),
                Optional.empty(),
                new TreeMap<>(issuers),
                new TreeMap<>(services),
                new TreeMap<>());
    }

    Optional<Mesh.Issuer> issuer(String name) {
        return Optional.ofNullable(issuers.get(name));
    }

    Set<String> issuerNames() {
        return issuers.keySet();
    }

    /** Empty when the service is unknown, or its identity was a problem already. */
    Optional<SpiffeId> identity(String service) {
        return Optional.ofNullable(services.get(service)).map(Mesh.Service::identity);
    }

    /** Adds a problem at {@code text} unless it names a declared service. */
    boolean checkService(Text text) {
        if (serviceNames.contains(text.text())) {
            return true;
        }
        text.problem(problems, Codes.SERVICE_UNKNOWN, unknown(text.text(), serviceNames, "a service of Mesh"));
        return false;
    }

    boolean declares(SpiffeId identity) {
        return identities.containsKey(identity);
    }

    /** {@code ordres: unknown (did you mean orders?)}. */
    String unknown(String word, Set<String> known, String what) {
        String expected = Nearest.to(word, known)
                .map(nearest -> "did you mean " + nearest + "?")
                .orElse("expected: " + what + " " + header.name() + ": " + String.join(", ", known));
        return word + ": unknown (" + expected + ")";
    }

    private static Optional<TrustDomain> trustDomain(Fields spec) {
        String text = spec.text("trustDomain");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<TrustDomain> parsed = Identities.trustDomain(spec.placed("trustDomain", text), spec.problems());
        if (parsed.isPresent() && text.indexOf('_') >= 0) {
            spec.problem(
                    "trustDomain",
                    Codes.TRUST_DOMAIN,
                    text + ": holds _ (expected: letters, digits, - and . only; certificate authorities are"
                            + " constrained to the trust domain as a DNS name, and path validation refuses _ there)");
        }
        return parsed;
    }

    private static void tls(Fields tls) {
        only(tls, "mode", "strict");
        only(tls, "minVersion", "1.3");
        tls.later("until");
        tls.done();
    }

    private static void only(Fields tls, String key, String value) {
        tls.optionalText(key)
                .filter(text -> !text.equals(value))
                .ifPresent(text -> tls.problem(
                        key, Codes.TLS, text + ": not in this version of Sallyport (expected: " + value + ")"));
    }

    private void service(String name, Fields fields) {
        Names.checkService(name, fields);
        Optional<SpiffeId> identity = identity(name, fields);
        Map<Integer, Mesh.PortKind> ports = new TreeMap<>();
        fields.namedTexts("ports")
                .forEach((port, kind) ->
                        port(fields, port, kind).ifPresent(number -> ports.put(number, Mesh.PortKind.HTTP)));
        List<HostPort> endpoints = new ArrayList<>();
        for (Text text : fields.optionalPlacedTexts("endpoints")) {
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
        fields.later("paths", "relax", "mode");
        fields.done();
        identity.ifPresent(id -> services.put(name, new Mesh.Service(name, id, new TreeMap<>(ports), endpoints)));
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

    private static Optional<Integer> port(Fields fields, String port, String kind) {
        int number = HostPort.port(port);
        if (number < 1) {
            fields.problem("ports", Codes.PORT, port + " (expected: a port of 1..65535)");
            return Optional.empty();
        }
        if (!kind.equals(Mesh.PortKind.HTTP.word())) {
            boolean later = Set.of("http2", "grpc", "tcp", "websocket", "https").contains(kind);
            fields.problem(
                    "ports",
                    later ? Code.LATER : Codes.PORT,
                    port + ": " + kind + (later ? ": not in this version of Sallyport" : "") + " (expected: http)");
        }
        return Optional.of(number);
    }
}
