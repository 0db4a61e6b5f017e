package dev.sallyport.authoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LintTest {
    private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
    private static final String MESH = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              issuers:
                shop: {issuer: https://auth.shop.example, audiences: [shop-api], algorithms: [ES256]}
              services:
                web: {identity: spiffe://shop.example/sa/web}
                payment: {identity: spiffe://shop.example/sa/payment, ports: {8080: http}}
            """;
    private static final String POLICY = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: pay}
            spec:
              service: payment
              routes:
                charge:
                  match: POST /charges
                  allow:
                    web: {from: web, user: required, forwardToken: true}
            """;

    @Test
    void cleanSetHasNoFindings() {
        assertThat(findings(MESH, POLICY)).isEmpty();
    }

    @Test
    void problemsOfTheLoaderAreErrorsAndStandAlone() {
        List<Finding> findings = check(MESH, POLICY.replace("from: web", "form: web"));

        assertThat(findings).hasSize(2).allMatch(finding -> finding.severity() == Finding.Severity.ERROR);
        assertThat(findings.get(0).problem().message()
                        + findings.get(1).problem().message())
                .contains("did you mean from?");
    }

    @Test
    void serviceWithoutAPolicyIsNamedAtItsPlace() {
        assertThat(findings(MESH, "---\n"))
                .containsExactly(
                        "mesh.yaml:10:5: SP0801 spec.services.payment: has an HTTP port and no RoutePolicy, so that every"
                                + " request to it is denied (expected: a RoutePolicy with service: payment, or no ports)",
                        "mesh.yaml:7:5: SP0802 spec.issuers.shop: no rule accepts a token of it (expected: a rule with"
                                + " user: {issuer: shop}, or no such issuer)");
        assertThat(findings(MESH.replace(", ports: {8080: http}", ""), "---\n")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "encodedSlash: data,       GET /a,        1",
        "encodedSlash: data,       GET /{a},      0",
        "encodedSlash: data,       GET /a/**,     0",
        "matrixParameters: data,   GET /a,        1",
        "matrixParameters: data,   GET /a/{b}/c,  0",
        "emptySegments: data,      GET /{a},      1",
        "emptySegments: data,      GET /**,       0",
        "overrideHeaders: x-host,  GET /a,        0"
    })
    void relaxationThatNoTemplateHasAUseForIsNamed(String relaxed, String match, int warnings) {
        String mesh = MESH.replace("{8080: http}", "{8080: http}, relax: {8080: {" + relaxed + "}}");
        List<String> found = findings(mesh, POLICY.replace("POST /charges", "'" + match + "'"));

        assertThat(found)
                .hasSize(warnings)
                .allMatch(finding -> finding.startsWith("mesh.yaml:10:")
                        && finding.contains("SP0806 spec.services.payment.relax.8080."));
    }

    @ParameterizedTest
    @CsvSource({"none,true", "optional,false", "required,false", "{issuer: shop},false"})
    void issuerThatNoRuleAcceptsIsNamed(String user, boolean unused) {
        String policy = POLICY.replace("required", user).replace(", forwardToken: true", "");

        assertThat(findings(MESH, policy).stream().anyMatch(finding -> finding.contains("SP0802")))
                .isEqualTo(unused);
    }

    @ParameterizedTest
    @CsvSource({
        "POST,any-mesh,none,true",
        "PURGE,any-mesh,none,true",
        "GET,any-mesh,none,false",
        "POST,web,none,false",
        "POST,any-mesh,required,false",
        "POST,any-mesh,optional,false"
    })
    void changeByAnybodyWithoutAUserIsNamed(String method, String from, String user, boolean doubtful) {
        String policy = POLICY.replace("POST", method)
                .replace("from: web", "from: " + from)
                .replace("required, forwardToken: true", user);

        List<String> findings = findings(MESH, policy).stream()
                .filter(finding -> finding.contains("SP0701"))
                .toList();

        assertThat(findings).hasSize(doubtful ? 1 : 0);
        assertThat(findings)
                .allMatch(finding -> finding.startsWith("policy.yaml:10:15: SP0701 spec.routes.charge.allow.web.from: "
                        + "every service may call " + method + " /charges without a user"));
    }

    @Test
    void forwardedTokenThatNoRuleLooksAtIsNamed() {
        assertThat(findings(MESH, POLICY.replace("required", "none")))
                .anyMatch(finding -> finding.startsWith("policy.yaml:10:38: SP0402"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "any-mesh | headers: {x-tenant: acme} | x-tenant",
                "any-mesh | when: \"request.headers['x-a'] == 'b'\" | x-a",
                "web      | headers: {x-tenant: acme} | ''",
                "any-mesh | query: {x-tenant: acme} | ''",
                "any-mesh | when: \"request.method == 'POST'\" | ''",
            })
    void headerThatEveryCallerMaySetIsNamed(String from, String condition, String header) {
        String policy = POLICY.replace("from: web", "from: " + from).replace("forwardToken: true", condition);

        assertThat(withCode("SP0604", MESH, policy)).hasSize(header.isEmpty() ? 0 : 1);
        assertThat(withCode("SP0604", MESH, policy)).allMatch(finding -> finding.contains("what " + header + " says"));
    }

    @Test
    void headerOfARouteCountsForEachOfItsRules() {
        String policy = POLICY.replace("from: web", "from: any-mesh")
                .replace("match:", "headers: {x-tenant: acme}\n      match:");

        assertThat(withCode("SP0604", MESH, policy)).singleElement().asString().contains("allow.web.from", "x-tenant");
    }

    @ParameterizedTest
    @CsvSource({
        "spiffe://shop.example/sa/*,1",
        "spiffe://shop.example/**,1",
        "spiffe://shop.example/sa/web,0",
        "any-mesh,0",
        "web,0"
    })
    void patternThatSelectsEveryServiceIsNamed(String from, int findings) {
        assertThat(withCode("SP0707", MESH, POLICY.replace("from: web", "from: '" + from + "'")))
                .hasSize(findings);
    }

    @Test
    void observationIsNamedWithItsEnd() {
        String observe = "spec:\n  mode: observe\n  until: 2027-03-31\n";

        assertThat(withCode("SP0705", MESH.replace("spec:\n", observe), POLICY))
                .containsExactly(
                        "mesh.yaml:5:3: SP0705 spec.mode: what no rule of any service allows is forwarded until"
                                + " 2027-03-31T00:00:00Z (expected: mode: enforce, once the records show what the rules lack)");
        assertThat(withCode("SP0705", MESH, POLICY.replace("spec:\n", observe)))
                .singleElement()
                .asString()
                .startsWith("policy.yaml:5:3: ");
        assertThat(withCode(
                        "SP0705",
                        MESH,
                        POLICY.replace("match:", "mode: observe\n      until: 2027-03-31\n      match:")))
                .singleElement()
                .asString()
                .contains("spec.routes.charge.mode");
        assertThat(withCode("SP0705", MESH, POLICY)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{to: any-mesh} | 1",
                "{to: any-mesh, match: /**} | 1",
                "{to: any-mesh, from: any-mesh} | 1",
                "{to: payment} | 0",
                "{to: any-mesh, match: /admin/**} | 0",
                "{to: any-mesh, match: TRACE /**} | 0",
                "{to: any-mesh, from: web} | 0",
                "{to: any-mesh, when: 'true'} | 0",
                "{to: any-mesh, unlessFrom: web} | 0",
                "{to: any-mesh, unlessUser: required} | 0",
                "{to: any-mesh, unlessHeaders: {x-a: b}} | 0",
                "{to: any-mesh, unlessWhen: 'true'} | 0"
            })
    void guardrailThatDeniesEverythingIsNamed(String denial, int findings) {
        String guardrail = "---\n{apiVersion: sallyport.dev/v1, kind: Guardrail, metadata: {name: g}, spec: {deny: {d: "
                + denial + "}}}\n";

        assertThat(withCode("SP0706", MESH, POLICY + guardrail)).hasSize(findings);
    }

    @Test
    void opaThatNoRuleAsksIsNamed() {
        String mesh = MESH.replace("spec:\n", "spec:\n  opa: {local: {address: '127.0.0.1:8181'}}\n");
        String asking = POLICY.replace("forwardToken: true", "opa: {target: local, path: a}");

        assertThat(withCode("SP0803", mesh, POLICY)).singleElement().asString().startsWith("mesh.yaml:5:9: ");
        assertThat(withCode("SP0803", mesh, asking)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"http,0", "grpc,1", "tcp,1"})
    void portThatSidecarsDoNotServeYetIsNamed(String kind, int findings) {
        assertThat(withCode("SP0804", MESH.replace("8080: http", "8080: http, 9090: " + kind), POLICY))
                .hasSize(findings)
                .allMatch(finding -> finding.contains("spec.services.payment.ports.9090: " + kind));
    }

    @Test
    void policyOfAServiceWithoutPortsIsNamed() {
        assertThat(withCode("SP0805", MESH.replace(", ports: {8080: http}", ""), POLICY))
                .singleElement()
                .asString()
                .startsWith("policy.yaml:5:3: ");
        assertThat(withCode("SP0805", MESH, POLICY)).isEmpty();
    }

    @Test
    void ruleThatSaysTheSameAsAnotherIsNamed() {
        String twice =
                POLICY + "        other: {from: 'spiffe://shop.example/sa/web', user: required, forwardToken: true}\n";

        assertThat(withCode("SP0313", MESH, twice))
                .containsExactly("policy.yaml:10:9: SP0313 spec.routes.charge.allow.web: says the same as rule other"
                        + " (expected: one of them)");
        assertThat(withCode("SP0313", MESH, twice.replace("sa/web', user: required", "sa/web', user: none")))
                .isEmpty();
    }

    @Test
    void candidateIsReadLikeThePolicyThatItMayBecome() {
        String candidate = POLICY.replace("spec:\n", "spec:\n  mode: dryRun\n").replace("required", "none");

        assertThat(withCode("SP0402", MESH, candidate)).hasSize(1);
    }

    private static List<String> withCode(String code, String mesh, String policy) {
        return findings(mesh, policy).stream()
                .filter(finding -> finding.contains(" " + code + " "))
                .toList();
    }

    @Test
    void warningsDoNotRefuseASet() throws Exception {
        DocumentSet.load(sources(MESH, POLICY.replace("required", "none")));
    }

    private static List<String> findings(String mesh, String policy) {
        List<Finding> findings = check(mesh, policy);
        assertThat(findings).allMatch(finding -> finding.severity() == Finding.Severity.WARNING);
        return findings.stream().map(finding -> finding.problem().toString()).toList();
    }

    private static List<Finding> check(String mesh, String policy) {
        return Lint.check(sources(mesh, policy), NOW);
    }

    private static List<Source> sources(String mesh, String policy) {
        return List.of(new Source("mesh.yaml", mesh), new Source("policy.yaml", policy));
    }
}
