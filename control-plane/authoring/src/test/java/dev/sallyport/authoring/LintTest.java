package dev.sallyport.authoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LintTest {
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
        return Lint.check(sources(mesh, policy));
    }

    private static List<Source> sources(String mesh, String policy) {
        return List.of(new Source("mesh.yaml", mesh), new Source("policy.yaml", policy));
    }
}
