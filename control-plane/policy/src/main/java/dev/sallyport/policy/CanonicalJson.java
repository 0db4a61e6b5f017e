package dev.sallyport.policy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sallyport.document.HostPort;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

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
                set.policies().values().stream().map(CanonicalJson::policy).toList());
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
        return document("Mesh", Map.of("name", mesh.name()), spec);
    }

    private static Map<String, Object> issuer(Mesh.Issuer issuer) {
        Map<String, Object> json = new TreeMap<>();
        json.put("issuer", issuer.issuer());
        json.put("audiences", issuer.audiences());
        json.put("algorithms", issuer.algorithms());
        issuer.jwksUri().ifPresent(uri -> json.put("jwksUri", uri));
        json.put("roles", issuer.roles());
        json.put("scopes", issuer.scopes());
        json.put("clockSkew", issuer.clockSkew().toMillis() + "ms");
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

    private static Map<String, Object> policy(RoutePolicy policy) {
        Map<String, Object> metadata = new TreeMap<>();
        metadata.put("name", policy.name());
        policy.owner().ifPresent(owner -> metadata.put("annotations", Map.of(DocumentSetReader.OWNER, owner)));
        Map<String, Object> routes = new TreeMap<>();
        policy.routes().forEach((name, route) -> routes.put(name, route(route)));
        return document("RoutePolicy", metadata, Map.of("service", policy.service(), "routes", routes));
    }

    private static Map<String, Object> route(RoutePolicy.Route route) {
        Map<String, Object> allow = new TreeMap<>();
        route.allow().forEach((name, rule) -> allow.put(name, rule(rule)));
        return Map.of(
                "match",
                route.matches().stream().map(RoutePolicy.Match::toString).toList(),
                "allow",
                allow);
    }

    private static Map<String, Object> rule(RoutePolicy.Rule rule) {
        return Map.of("from", rule.from().names(), "user", user(rule.user()), "forwardToken", rule.forwardToken());
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
            default -> json.writeString(value.toString());
        }
    }
}
