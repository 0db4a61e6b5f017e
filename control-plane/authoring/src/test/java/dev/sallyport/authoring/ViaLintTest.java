package dev.sallyport.authoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.Source;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** web → cart → orders → payment, and web → orders; backoffice is called by nobody and calls payment. */
class ViaLintTest {
    private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
    private static final String MESH = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              issuers:
                shop: {issuer: https://auth.shop.example, audiences: [shop-api], algorithms: [ES256], claims: {dept: string, level: int},
                       tokenHeader: x-access-token, verifiedBy: [web], propagate: [level]}
              services:
                web: {identity: spiffe://shop.example/sa/web}
                backoffice: {identity: spiffe://shop.example/sa/backoffice}
                cart: {identity: spiffe://shop.example/sa/cart, ports: {8080: http}}
                orders: {identity: spiffe://shop.example/sa/orders, ports: {8080: http}}
                payment: {identity: spiffe://shop.example/sa/payment, ports: {8080: http}}
            """;
    private static final String RULE = "{from: [orders], user: {issuer: shop, via: {from: [cart, web], maxHops: 3}}}";

    @Test
    void servicesOnTheWayAreNotMinded() {
        assertThat(findings(MESH, RULE, "")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "orders             | [web]               | 1 | [web]",
                "orders             | [web]               | 2 | ''",
                "web                | [web]               | 1 | ''",
                "'web, orders'      | [web]               | 1 | ''",
                "orders             | [cart, web]         | 2 | [cart]",
                "orders             | [cart, web]         | 3 | ''",
                "orders             | [cart, orders, web] | 3 | [orders]",
                "orders             | [cart, orders, web] | 8 | [orders]",
                "backoffice         | [web]               | 8 | [web]",
                "'backoffice, orders' | [backoffice, web] | 8 | [backoffice]",
                "cart               | [web]               | 2 | ''",
                "any-mesh           | [cart, web]         | 1 | [cart]",
                "any-mesh           | [cart, orders, web] | 3 | ''",
            })
    void serviceByWhichNobodyComesIsNamed(String from, String via, int maxHops, String idle) {
        String rule = "{from: %s, user: {issuer: shop, via: {from: %s, maxHops: %d}}}"
                .formatted(from.equals("any-mesh") ? from : "[" + from + "]", via, maxHops);
        List<String> found = withCode("SP0808", findings(MESH, rule, ""));

        assertThat(found).hasSize(idle.isEmpty() ? 0 : 1);
        assertThat(found)
                .allMatch(finding -> finding.contains("policy.yaml:")
                        && finding.contains("SP0808 spec.routes.charge.allow.it.user.via.from: " + idle
                                + ": no user comes by them, over services that may call each other, in " + maxHops
                                + " hops from a service that verifies users of shop"));
    }

    @Test
    void whereNothingIsEnforcedYetEverybodyMayCall() {
        String rule = RULE.replace("[cart, web]", "[backoffice, web]");
        String observing = MESH.replace("spec:\n", "spec:\n  mode: observe\n  until: 2027-02-01\n");

        assertThat(withCode("SP0808", findings(MESH, rule, ""))).hasSize(1);
        assertThat(withCode("SP0808", findings(observing, rule, ""))).isEmpty();
    }

    @Test
    void policyOfAnotherTeamMayAllowWhatOneNeeds() {
        String rule = "{from: [backoffice], user: {issuer: shop, via: {from: [web], maxHops: 2}}}";
        String called = MESH.replace("sa/backoffice}", "sa/backoffice, ports: {8080: http}}");

        assertThat(withCode("SP0808", findings(MESH, rule, ""))).hasSize(1);
        assertThat(withCode("SP0808", findings(called, rule, ""))).isEmpty();
    }

    @Test
    void serviceWhoseWordNobodyTakesIsNamed() {
        String more = MESH.replace("verifiedBy: [web]", "verifiedBy: [backoffice, web]");

        assertThat(withCode("SP0807", findings(more, RULE, "")))
                .containsExactly(
                        "mesh.yaml:8:41: SP0807 spec.issuers.shop.verifiedBy: [backoffice]: no rule takes a user of"
                                + " shop on their word (expected: a rule with via that names them, or nobody who need not vouch)");
        assertThat(withCode(
                        "SP0807",
                        findings(
                                more,
                                RULE,
                                "{to: [payment], unlessUser: {issuer: shop, via: {from: [backoffice], maxHops: 1}}}")))
                .isEmpty();
        assertThat(withCode("SP0807", findings(MESH, "{from: [orders], user: {issuer: shop}}", "")))
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"dept == 'pay',1", "level == 3,0"})
    void conditionOnAClaimThatDoesNotTravelIsNamed(String condition, int warnings) {
        String when = ", when: \"user.claims." + condition + "\"}";
        List<String> rules = withCode("SP0409", findings(MESH, RULE.substring(0, RULE.length() - 1) + when, ""));
        List<String> denials = withCode(
                "SP0409",
                findings(
                        MESH,
                        RULE,
                        "{to: [payment], unlessUser: {issuer: shop, via: {from: [web], maxHops: 2}}, unlessWhen: \"user.claims."
                                + condition + "\"}"));

        assertThat(rules)
                .hasSize(warnings)
                .allMatch(finding -> finding.contains(
                        "SP0409 spec.routes.charge.allow.it.when: [dept]: no hop token has such a claim"));
        assertThat(denials)
                .hasSize(warnings)
                .allMatch(finding -> finding.contains("SP0409 spec.deny.one.unlessWhen: [dept]"));
        assertThat(withCode("SP0409", findings(MESH, "{from: [orders], user: {issuer: shop}" + when, "")))
                .isEmpty();
    }

    /** It would be on record. */
    @Test
    void headerWithTokensIsReadByNoCondition() {
        String rule = "{from: [orders], user: none, when: \"request.headers['%s'] == 'a'\"}";
        List<Finding> found = check(MESH, rule.formatted("x-access-token"), "");

        assertThat(found)
                .extracting(finding -> finding.problem().toString())
                .containsExactly(
                        "policy.yaml:8:77: SP0605 spec.routes.charge.allow.it.when: x-access-token: tokens are there,"
                                + " and what a condition reads is on record (expected: user, whose token is verified)");
        assertThat(found).extracting(Finding::severity).containsExactly(Finding.Severity.ERROR);
        assertThat(check(MESH, rule.formatted("x-access-tokens"), ""))
                .noneMatch(finding -> finding.severity() == Finding.Severity.ERROR);
    }

    private static List<String> withCode(String code, List<String> findings) {
        return findings.stream()
                .filter(finding -> finding.contains(" " + code + " "))
                .toList();
    }

    private static List<String> findings(String mesh, String rule, String denial) {
        List<Finding> findings = check(mesh, rule, denial);
        assertThat(findings).allMatch(finding -> finding.severity() == Finding.Severity.WARNING);
        return findings.stream().map(finding -> finding.problem().toString()).toList();
    }

    /** {@code rule}: that of payment; no {@code denial} when empty. */
    private static List<Finding> check(String mesh, String rule, String denial) {
        String set = policy("payment", "POST /charges", "{it: " + rule + "}")
                + policy("orders", "POST /orders", "{it: {from: [cart, web], user: none}}")
                + policy("cart", "POST /cart", "{it: {from: [web], user: none}}")
                + (denial.isEmpty()
                        ? ""
                        : "---\napiVersion: sallyport.dev/v1\nkind: Guardrail\nmetadata: {name: rail}\nspec: {deny: {one: "
                                + denial + "}}\n");
        return Lint.check(List.of(new Source("mesh.yaml", mesh), new Source("policy.yaml", set)), NOW);
    }

    private static String policy(String service, String match, String allow) {
        return """
                ---
                apiVersion: sallyport.dev/v1
                kind: RoutePolicy
                metadata: {name: %s}
                spec:
                  service: %s
                  routes:
                    charge: {match: %s, allow: %s}
                """.formatted(service, service, match, allow);
    }
}
