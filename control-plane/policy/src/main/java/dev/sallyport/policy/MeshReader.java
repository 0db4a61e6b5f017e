package dev.sallyport.policy;

import dev.sallyport.document.Fields;
import dev.sallyport.document.Location;
import dev.sallyport.document.Nearest;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Text;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads one Mesh document. Names are known even where what they name is wrong, so that one mistake is one problem. */
final class MeshReader {
    private final Header header;
    private final Problems problems;
    private final Optional<TrustDomain> trustDomain;
    private final Optional<Instant> observeUntil;
    private final Set<String> serviceNames = new TreeSet<>();
    private final Map<String, Mesh.Service> services = new TreeMap<>();
    private final ServiceReader reader;
    private final Map<String, Mesh.Issuer> issuers = new TreeMap<>();
    private final Set<String> opaNames = new TreeSet<>();
    private final Map<String, Mesh.OpaTarget> opa = new TreeMap<>();

    MeshReader(Header header) {
        this.header = header;
        Fields spec = header.spec();
        this.problems = spec.problems();
        this.trustDomain = trustDomain(spec);
        spec.optionalFields("tls").ifPresent(MeshReader::tls);
        this.observeUntil = Observation.until(
                spec, spec.oneOf("mode", Observation.ENFORCE, Observation.ENFORCE, Observation.OBSERVE));
        spec.later("egress", "metrics");
        Map<String, Fields> declared = Bound.SERVICES.named(spec, "services");
        if (!spec.has("services")) {
            spec.missing("services", "name: {identity: spiffe://…, ports: {8080: http}}");
        }
        serviceNames.addAll(declared.keySet());
        this.reader = new ServiceReader(trustDomain, problems);
        declared.forEach((name, fields) -> reader.read(name, fields).ifPresent(service -> services.put(name, service)));
        IssuerReader issuer = new IssuerReader(this);
        Bound.ISSUERS.named(spec, "issuers").forEach((name, fields) -> issuers.put(name, issuer.read(name, fields)));
        Map<String, Fields> targets = Bound.OPA_TARGETS.named(spec, "opa");
        opaNames.addAll(targets.keySet());
        targets.forEach(
                (name, fields) -> OpaReader.target(this, name, fields).ifPresent(target -> opa.put(name, target)));
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
                observeUntil,
                new TreeMap<>(issuers),
                new TreeMap<>(services),
                new TreeMap<>(opa));
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

    /** Empty when the service is unknown, or its identity was a problem already. */
    Optional<SortedMap<Integer, Mesh.PortKind>> ports(String service) {
        return Optional.ofNullable(services.get(service)).map(Mesh.Service::ports);
    }

    Optional<TrustDomain> trustDomain() {
        return trustDomain;
    }

    /** Whether tokens of an issuer are in this header. */
    boolean carriesTokens(String header) {
        return issuers.values().stream().anyMatch(issuer -> issuer.carriesTokens(header));
    }

    /** Adds a problem at {@code text} unless it names a declared OPA target. */
    void checkOpa(Text text) {
        if (!opaNames.contains(text.text())) {
            text.problem(problems, Codes.OPA_UNKNOWN, unknown(text.text(), opaNames, "an OPA target of Mesh"));
        }
    }

    /** Adds a problem at {@code text} unless it names a declared service. */
    boolean checkService(Text text) {
        if (serviceNames.contains(text.text())) {
            return true;
        }
        text.problem(problems, Codes.SERVICE_UNKNOWN, unknown(text.text(), serviceNames, "a service of Mesh"));
        return false;
    }

    /** Of every service. */
    Set<SpiffeId> identities() {
        return reader.identities();
    }

    /** {@code ordres: unknown (did you mean orders?)}. */
    String unknown(String word, Set<String> known, String what) {
        if (problems.isFull()) {
            return word;
        }
        String expected = Nearest.to(word, known)
                .map(nearest -> "did you mean " + nearest + "?")
                .orElse("expected: " + what + " " + header.name() + ": "
                        + (known.isEmpty() ? "it declares none" : Nearest.list(known)));
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
}
