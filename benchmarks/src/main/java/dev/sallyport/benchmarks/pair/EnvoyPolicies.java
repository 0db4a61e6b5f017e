package dev.sallyport.benchmarks.pair;

import java.util.List;
import java.util.stream.Collectors;

/**
 * {@link Rules} as policies of Envoy's RBAC filter, one each, as Istio translates: permission is path and method, principal is the caller's SPIFFE ID and a role of the verified token. Envoy tries them in the order of their names
 * and ends with the first that matches. Within each the test that differs comes first, so that a policy of another route costs one comparison.
 */
final class EnvoyPolicies {
    private static final String INDENT = " ".repeat(18);

    private EnvoyPolicies() {}

    /** Lines of the field {@code policies}. */
    static String of(Rules rules) {
        return rules.routes().stream()
                .flatMap(route -> List.of(
                        policy(route, "load", BenchMesh.CALLER, Rules.ROLES),
                        policy(route, "others", BenchMesh.OTHER, Rules.OTHERS_ROLES))
                        .stream())
                .collect(Collectors.joining("\n"));
    }

    private static String policy(Rules.Route route, String rule, String caller, List<String> roles) {
        return INDENT
                + "\"%s-%s\": {permissions: [{and_rules: {rules: [%s, %s]}}], principals: [{and_ids: {ids: [%s, %s]}}]}"
                        .formatted(
                                route.name(),
                                rule,
                                "{url_path: {path: {" + path(route.path()) + "}}}",
                                "{header: {name: \":method\", string_match: {exact: " + route.method() + "}}}",
                                "{authenticated: {principal_name: {exact: \"" + BenchMesh.identity(caller) + "\"}}}",
                                role(roles));
    }

    /** The cheapest of what Envoy has, which also lets deeper paths pass: a template would be another match for each policy. */
    private static String path(String template) {
        int place = template.indexOf('{');
        return place < 0 ? "exact: \"" + template + "\"" : "prefix: \"" + template.substring(0, place) + "\"";
    }

    /** One of the token's {@code roles}, where jwt_authn has left its payload. */
    private static String role(List<String> roles) {
        List<String> values = roles.stream()
                .map(role -> "{string_match: {exact: " + role + "}}")
                .toList();
        String oneOf = values.size() == 1
                ? values.getFirst()
                : "{or_match: {value_matchers: [" + String.join(", ", values) + "]}}";
        return "{sourced_metadata: {metadata_matcher: {filter: envoy.filters.http.jwt_authn, path: [{key: payload},"
                + " {key: roles}], value: {list_match: {one_of: "
                + oneOf + "}}}}}";
    }
}
