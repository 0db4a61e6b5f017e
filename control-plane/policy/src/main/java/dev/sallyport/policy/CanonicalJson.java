package dev.sallyport.policy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sallyport.document.HostPort;
import dev.sallyport.policy.Mesh.OpaAddress;
import dev.sallyport.policy.Mesh.OpaTarget;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes a set of documents in one way only: keys sorted, defaults written out, no blanks. Equal sets are equal bytes,
 * so that a digest names a policy. Each document keeps the shape that people write.
 */
final class CanonicalJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private CanonicalJson() {}

    static String of(DocumentSet set) {
        Map<String, Object> root = new TreeMap<>();
        root.put("mesh", mesh(set.mesh()));
        root.put(
                "policies",
                Stream.concat(set.policies().values().stream(), set.candidates().values().stream())
                        .map(CanonicalJson::policy)
                        .toList());
        root.put(
                "guardrails",
                set.guardrails().values().stream().map(CanonicalJson::guardrail).toList());
        return write(root);
    }

    private static Map<String, Object> document(String kind, Map<String, Object> metadata, Map<String, Object> spec) {
        return new TreeMap<>(
                Map.of("apiVersion", DocumentSetReader.API_VERSION, "kind", kind, "metadata", metadata, "spec", spec));
    }

    private static Map<String, Object> mesh(Mesh mesh) {
        Map<String, Object> spec = new TreeMap<>();
        spec.put("trustDomain", mesh.trustDomain().name());
        Map<String, Object> issuers = new TreeMap<>();
        mesh.issuers().forEach((name, issuer) -> issuers.put(name, issuer(issuer)));
        putUnlessEmpty(spec, "issuers", issuers);
        Map<String, Object> services = new TreeMap<>();
        mesh.services().forEach((name, service) -> services.put(name, service(service)));
        putUnlessEmpty(spec, "services", services);
        Map<String, Object> opa = new TreeMap<>();
        mesh.opa().forEach((name, target) -> opa.put(name, target(target)));
        putUnlessEmpty(spec, "opa", opa);
        mode(spec, false, mesh.observeUntil());
        return document("Mesh", metadata(mesh.name(), Optional.empty()), spec);
    }

    private static Map<String, Object> metadata(String name, Optional<String> owner) {
        Map<String, Object> metadata = new TreeMap<>();
        metadata.put("name", name);
        owner.ifPresent(team -> metadata.put("annotations", Map.of(DocumentSetReader.OWNER, team)));
        return metadata;
    }

    private static void mode(Map<String, Object> json, boolean dryRun, Optional<Instant> until) {
        json.put("mode", dryRun ? Observation.DRY_RUN : until.isPresent() ? Observation.OBSERVE : Observation.ENFORCE);
        until.ifPresent(end -> json.put("until", end));
    }

    private static Map<String, Object> target(OpaTarget target) {
        Map<String, Object> json = new TreeMap<>();
        switch (target.address()) {
            case OpaAddress.UnixSocket(String path) -> json.put("address", "unix:" + path);
            case OpaAddress.Loopback(HostPort address) -> json.put("address", address);
            case OpaAddress.InMesh(String service, int port) -> {
                json.put("service", service);
                json.put("port", port);
            }
        }
        json.put("concurrency", target.concurrency());
        return json;
    }

    private static Map<String, Object> issuer(Mesh.Issuer issuer) {
        Map<String, Object> json = new TreeMap<>();
        json.put("issuer", issuer.issuer());
        json.put("audiences", issuer.audiences());
        json.put("algorithms", issuer.algorithms());
        issuer.jwksUri().ifPresent(uri -> json.put("jwksUri", uri));
        json.put("roles", issuer.roles());
        json.put("scopes", issuer.scopes());
        json.put("clockSkew", duration(issuer.clockSkew()));
        issuer.maxTokenAge().ifPresent(age -> json.put("maxTokenAge", duration(age)));
        Map<String, Object> claims = new TreeMap<>();
        issuer.claims().forEach((claim, type) -> claims.put(claim, ClaimTypes.write(type)));
        putUnlessEmpty(json, "claims", claims);
        return json;
    }

    private static Map<String, Object> service(Mesh.Service service) {
        Map<String, Object> json = new TreeMap<>();
        json.put("identity", service.identity().toString());
        Map<String, Object> ports = new TreeMap<>();
        service.ports().forEach((port, kind) -> ports.put(Integer.toString(port), kind.word()));
        putUnlessEmpty(json, "ports", ports);
        putUnlessEmpty(
                json,
                "endpoints",
                service.endpoints().stream().map(HostPort::toString).toList());
        return json;
    }

    private static String duration(Duration duration) {
        return duration.toMillis() + "ms";
    }

    private static Map<String, Object> policy(RoutePolicy policy) {
        Map<String, Object> routes = new TreeMap<>();
        policy.routes().forEach((name, route) -> routes.put(name, route(route)));
        Map<String, Object> spec = new TreeMap<>(Map.of("service", policy.service(), "routes", routes));
        mode(spec, policy.candidate(), policy.observeUntil());
        return document("RoutePolicy", metadata(policy.name(), policy.owner()), spec);
    }

    private static Map<String, Object> route(RoutePolicy.Route route) {
        Map<String, Object> json = new TreeMap<>();
        json.put("match", route.matches());
        putUnlessEmpty(json, "hosts", route.hosts());
        fields(json, "headers", "query", route.fields());
        route.limit().ifPresent(limit -> json.put("limit", limit(limit)));
        json.put("audit", word(route.audit()));
        mode(json, false, route.observeUntil());
        Map<String, Object> record = new TreeMap<>();
        route.record().forEach((field, recording) -> record.put(field, word(recording)));
        putUnlessEmpty(json, "record", record);
        Map<String, Object> allow = new TreeMap<>();
        route.allow().forEach((name, rule) -> allow.put(name, rule(rule)));
        json.put("allow", allow);
        return json;
    }

    private static Map<String, Object> limit(RoutePolicy.Limit limit) {
        return Map.of("rate", LimitReader.rate(limit), "burst", limit.burst(), "per", word(limit.per()));
    }

    private static Map<String, Object> rule(RoutePolicy.Rule rule) {
        Map<String, Object> json = new TreeMap<>();
        json.put("from", rule.from().names());
        json.put("user", user(rule.user()));
        fields(json, "headers", "query", rule.fields());
        rule.when().ifPresent(when -> json.put("when", when(when)));
        rule.opa().ifPresent(opa -> json.put("opa", query(opa)));
        rule.expires().ifPresent(end -> json.put("expires", end));
        mode(json, rule.dryRun(), Optional.empty());
        json.put("forwardToken", rule.forwardToken());
        return json;
    }

    private static void fields(Map<String, Object> json, String headers, String query, List<FieldCondition> fields) {
        for (FieldCondition.Kind kind : FieldCondition.Kind.values()) {
            Map<String, Object> conditions = new TreeMap<>();
            fields.stream()
                    .filter(field -> field.kind() == kind)
                    .forEach(field -> conditions.put(field.name(), field.oneOf()));
            putUnlessEmpty(json, kind == FieldCondition.Kind.HEADER ? headers : query, conditions);
        }
    }

    private static Map<String, Object> when(When when) {
        Map<String, Object> json = new TreeMap<>(Map.of("source", when.source()));
        when.checked().ifPresent(checked -> json.put("checked", checked));
        return json;
    }

    private static Map<String, Object> query(OpaQuery opa) {
        Map<String, Object> json = new TreeMap<>();
        json.put("target", opa.target());
        json.put("path", opa.path());
        json.put("timeout", duration(opa.timeout()));
        putUnlessEmpty(json, "headers", opa.headers());
        return json;
    }

    private static Map<String, Object> guardrail(Guardrail guardrail) {
        Map<String, Object> deny = new TreeMap<>();
        guardrail.deny().forEach((name, denial) -> deny.put(name, denial(denial)));
        Map<String, Object> spec = new TreeMap<>(Map.of("deny", deny));
        mode(spec, guardrail.dryRun(), Optional.empty());
        return document("Guardrail", metadata(guardrail.name(), guardrail.owner()), spec);
    }

    private static Map<String, Object> denial(Guardrail.Denial denial) {
        Map<String, Object> json = new TreeMap<>();
        json.put(
                "to",
                denial.to().anyMesh()
                        ? List.of(DocumentSetReader.ANY_MESH)
                        : denial.to().services());
        putUnlessEmpty(json, "match", denial.matches());
        denial.from().ifPresent(callers -> json.put("from", callers.names()));
        denial.when().ifPresent(when -> json.put("when", when(when)));
        denial.unlessFrom().ifPresent(callers -> json.put("unlessFrom", callers.names()));
        denial.unlessUser().ifPresent(user -> json.put("unlessUser", user(user)));
        fields(json, "unlessHeaders", "unlessQuery", denial.unlessFields());
        denial.unlessWhen().ifPresent(when -> json.put("unlessWhen", when(when)));
        return json;
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static Object user(UserRequirement user) {
        return switch (user) {
            case UserRequirement.None _ -> "none";
            case UserRequirement.OptionalUser _ -> "optional";
            case UserRequirement.Required _ -> "required";
            case UserRequirement.Conditions conditions -> {
                Map<String, Object> json = new TreeMap<>();
                json.put("issuer", conditions.issuer());
                conditions.subject().ifPresent(subject -> json.put("subject", subject));
                putUnlessEmpty(json, "anyRole", conditions.anyRole());
                putUnlessEmpty(json, "allRoles", conditions.allRoles());
                putUnlessEmpty(json, "scopes", conditions.scopes());
                putUnlessEmpty(json, "claims", conditions.claims());
                conditions.maxTokenAge().ifPresent(age -> json.put("maxTokenAge", duration(age)));
                yield json;
            }
        };
    }

    /** Present but empty is refused by the reader: empty never means everyone. */
    private static void putUnlessEmpty(Map<String, Object> json, String key, Object value) {
        boolean empty = value instanceof Map<?, ?> map ? map.isEmpty() : ((Collection<?>) value).isEmpty();
        if (!empty) {
            json.put(key, value);
        }
    }

    private static String write(Object value) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            write(json, value);
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory", impossible);
        }
        return out.toString();
    }

    private static void write(JsonGenerator json, Object value) throws IOException {
        switch (value) {
            case Map<?, ?> map -> {
                json.writeStartObject();
                for (Map.Entry<?, ?> entry : new TreeMap<>(map).entrySet()) {
                    json.writeFieldName(entry.getKey().toString());
                    write(json, entry.getValue());
                }
                json.writeEndObject();
            }
            case Collection<?> items -> {
                json.writeStartArray();
                for (Object item : items) {
                    write(json, item);
                }
                json.writeEndArray();
            }
            case Boolean bool -> json.writeBoolean(bool);
            case Integer number -> json.writeNumber(number);
            default -> json.writeString(value.toString());
        }
    }
}
