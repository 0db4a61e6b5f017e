package dev.sallyport.policy;

import static dev.sallyport.policy.CanonicalJson.document;
import static dev.sallyport.policy.CanonicalJson.duration;
import static dev.sallyport.policy.CanonicalJson.metadata;
import static dev.sallyport.policy.CanonicalJson.mode;
import static dev.sallyport.policy.CanonicalJson.putUnlessEmpty;
import static dev.sallyport.policy.CanonicalJson.word;

import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The canonical form of RoutePolicies and Guardrails. */
final class RulesJson {
    private RulesJson() {}

    static Map<String, Object> policy(RoutePolicy policy) {
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
        if (rule.forwardUnverified()) {
            json.put("forwardUnverified", true);
        }
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

    static Map<String, Object> guardrail(Guardrail guardrail) {
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
                conditions
                        .via()
                        .ifPresent(via -> json.put("via", Map.of("from", via.from(), "maxHops", via.maxHops())));
                yield json;
            }
        };
    }
}
