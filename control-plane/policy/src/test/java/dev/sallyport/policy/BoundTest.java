package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Source;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** As many as a bound allows are read; one more is one problem that names the bound. */
class BoundTest {
    private static final String RULE = "{from: web, user: none}";
    private static final String ISSUER =
            "i: {issuer: https://i.example, audiences: [aud], algorithms: [ES256], claims: {"
                    + list(65, i -> "c" + i + ": string") + "}}";
    private static final String OPA = "o: {address: '127.0.0.1:8181'}";
    private static final String SERVICES =
            "web: {identity: spiffe://shop.example/web}, payment: {identity: spiffe://shop.example/payment, ports: {1: http}}";
    private static final String MESH = mesh(ISSUER, OPA, SERVICES);

    @ParameterizedTest
    @EnumSource(Bound.class)
    void asManyAsABoundAllowsAreReadAndOneMoreIsNot(Bound bound) {
        assertThat(problems(bound, bound.max())).isEmpty();
        assertThat(problems(bound, bound.max() + 1))
                .singleElement()
                .asString()
                .contains("SP0008 ", " " + (bound.max() + 1) + " ", "(expected: at most " + bound.max() + ")");
    }

    /** Each once for every host of its route. */
    @Test
    void matchesOfAPolicyAreBounded() {
        String full = IntStream.range(0, Matches.MAX / 1_000)
                .mapToObj(i -> "r" + i + ": {match: [" + list(500, j -> "GET /r" + i + "/" + j)
                        + "], hosts: [a, b], allow: {w: " + RULE + "}}")
                .collect(Collectors.joining(", "));

        assertThat(problems(MESH + Shop.policy("{" + full + "}"))).isEmpty();
        assertThat(problems(MESH + Shop.policy("{" + full + ", more: {match: GET /, allow: {w: " + RULE + "}}}")))
                .singleElement()
                .asString()
                .contains("SP0303 spec.routes.more.match: too many matches (expected: at most 10000");
    }

    /** With {@code n} of what is bounded. No default: a new bound needs its own text. */
    private static List<String> problems(Bound bound, int n) {
        return switch (bound) {
            case SERVICES -> services(list(n - 2, i -> "s" + i + ": {identity: spiffe://shop.example/s/" + i + "}"));
            case PORTS ->
                services("x: {identity: spiffe://shop.example/x, ports: {" + list(n, i -> i + 1 + ": http") + "}}");
            case ENDPOINTS ->
                services("x: {identity: spiffe://shop.example/x, endpoints: [" + list(n, i -> "'h:" + (i + 1) + "'")
                        + "]}");
            case ISSUERS ->
                issuers(list(
                        n, i -> ISSUER.replace("i: {issuer: https://i.", "i" + i + ": {issuer: https://i" + i + ".")));
            case AUDIENCES -> issuers(ISSUER.replace("aud]", list(n, i -> "a" + i) + "]"));
            case DECLARED_CLAIMS -> issuers(ISSUER.replace("c0: string", list(n - 64, i -> "d" + i + ": string")));
            case TYPES -> issuers(ISSUER.replace("aud]", "aud], types: [" + list(n, _ -> "JWT") + "]"));
            case RANGES ->
                issuers(ISSUER.replace("aud]", "aud], privateAddresses: [" + list(n, i -> "10.0.0." + i) + "]"));
            case VERIFIERS -> issuers(ISSUER.replace("aud]", "aud], verifiedBy: [" + list(n, _ -> "web") + "]"));
            case PROPAGATED -> issuers(ISSUER.replace("aud]", "aud], propagate: [" + list(n, i -> "c" + i) + "]"));
            case OPA_TARGETS ->
                problems(mesh(ISSUER, list(n, i -> "o" + i + ": {address: '127.0.0.1:" + (i + 1) + "'}"), SERVICES));
            case ROUTES -> routes(list(n, i -> "r" + i + ": {match: GET /" + i + ", allow: {w: " + RULE + "}}"));
            case ROUTE_MATCHES -> route("match: [" + list(n, i -> "GET /" + i) + "]");
            case HOSTS -> route("match: GET /, hosts: [" + list(n, i -> "h" + i) + "]");
            case RECORDED -> route("match: GET /, record: {" + list(n, i -> "query.q" + i + ": no") + "}");
            case ROUTE_RULES -> routes("r: {match: GET /, allow: {" + list(n, i -> "a" + i + ": " + RULE) + "}}");
            case POLICY_RULES ->
                routes(list(
                        (n + 1_999) / 2_000,
                        i -> "r" + i + ": {match: GET /" + i + ", allow: {"
                                + list(Math.min(2_000, n - 2_000 * i), j -> "a" + j + ": " + RULE) + "}}"));
            case CALLERS -> rule("from: [" + list(n, _ -> "web") + "], user: none");
            case ROLES -> rule("from: web, user: {issuer: i, anyRole: [" + list(n, i -> "r" + i) + "]}");
            case SCOPES -> rule("from: web, user: {issuer: i, scopes: [" + list(n, i -> "s" + i) + "]}");
            case CLAIMS -> rule("from: web, user: {issuer: i, claims: {" + list(n, i -> "c" + i + ": x") + "}}");
            case CARRIERS ->
                problems(MESH.replace("aud]", "aud], verifiedBy: [web]")
                        + Shop.policy(
                                "{r: {match: GET /, allow: {w: {from: web, user: {issuer: i, via: {maxHops: 2, from: ["
                                        + list(n, _ -> "web") + "]}}}}}}"));
            case FIELD_CONDITIONS -> rule("from: web, user: none, headers: {" + list(n, i -> "h" + i + ": x") + "}");
            case FIELD_VALUES -> rule("from: web, user: none, query: {q: [" + list(n, i -> "v" + i) + "]}");
            case OPA_HEADERS ->
                rule("from: web, user: none, opa: {target: o, path: a, headers: [" + list(n, i -> "h" + i) + "]}");
            case GUARDRAILS ->
                problems(MESH
                        + IntStream.range(0, n)
                                .mapToObj(i -> guardrail("g" + i, "d: {to: web}"))
                                .collect(Collectors.joining()));
            case DENIALS -> problems(MESH + guardrail("g", list(n, i -> "d" + i + ": {to: web}")));
            case DENIED_SERVICES -> problems(MESH + guardrail("g", "d: {to: [" + list(n, _ -> "web") + "]}"));
            case DENIED_MATCHES ->
                problems(MESH + guardrail("g", "d: {to: web, match: [" + list(n, i -> "/" + i) + "]}"));
            case WHEN_CHARACTERS -> rule("from: web, user: none, when: " + "x".repeat(n));
            case CHECKED_CHARACTERS -> checked("A".repeat(n));
            case VALUE_CHARACTERS -> rule("from: web, user: {issuer: i, subject: " + "x".repeat(n) + "}");
            case OWNER_CHARACTERS ->
                problems(MESH.replace(
                        "{name: shop}", "{name: shop, annotations: {sallyport.dev/owner: " + "x".repeat(n) + "}}"));
        };
    }

    private static String mesh(String issuers, String opa, String services) {
        return """
                apiVersion: sallyport.dev/v1
                kind: Mesh
                metadata: {name: shop}
                spec:
                  trustDomain: shop.example
                  issuers: {%s}
                  opa: {%s}
                  services: {%s}
                """.formatted(issuers, opa, services);
    }

    private static List<String> services(String more) {
        return problems(mesh(ISSUER, OPA, SERVICES + ", " + more));
    }

    private static List<String> issuers(String issuers) {
        return problems(mesh(issuers, OPA, SERVICES));
    }

    private static List<String> routes(String routes) {
        return problems(MESH + Shop.policy("{" + routes + "}"));
    }

    private static List<String> route(String fields) {
        return routes("r: {" + fields + ", allow: {w: " + RULE + "}}");
    }

    private static List<String> rule(String fields) {
        return routes("r: {match: GET /, allow: {w: {" + fields + "}}}");
    }

    private static String guardrail(String name, String denials) {
        return """
                ---
                {apiVersion: sallyport.dev/v1, kind: Guardrail, metadata: {name: %s}, spec: {deny: {%s}}}
                """.formatted(name, denials);
    }

    private static List<String> problems(String text) {
        return problems(() -> DocumentSet.load(List.of(new Source("bound.yaml", text))));
    }

    /** Only a snapshot has checked conditions. */
    private static List<String> checked(String checked) {
        String routes = "{r: {match: GET /, allow: {w: {from: web, user: none, when: x}}}}";
        String json = Shop.set(routes).toJson();
        return problems(() -> DocumentSet.ofJson(
                json.replace("{\"source\":\"x\"}", "{\"checked\":\"" + checked + "\",\"source\":\"x\"}")));
    }

    private static List<String> problems(ThrowingCallable load) {
        InvalidDocumentException invalid = catchThrowableOfType(InvalidDocumentException.class, load);
        return invalid == null
                ? List.of()
                : invalid.problems().stream().map(Problem::toString).toList();
    }

    private static String list(int n, IntFunction<String> item) {
        return IntStream.range(0, n).mapToObj(item).collect(Collectors.joining(", "));
    }
}
