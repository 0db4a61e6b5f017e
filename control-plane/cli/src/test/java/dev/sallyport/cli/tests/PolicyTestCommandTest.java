package dev.sallyport.cli.tests;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.ShopDocuments;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.SchemaFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyTestCommandTest {
    private static final String TESTS = """
            apiVersion: sallyport.dev/v1
            kind: PolicyTest
            metadata: {name: payment}
            spec:
              users:
                alice: {issuer: shop, roles: [customer]}
                carol: {issuer: shop}
                fay: {issuer: shop, claims: {dept: payments}}
              cases:
                charge: {from: orders, as: alice, request: POST /charges, expect: allow}
                stranger: {from: catalog, as: alice, request: POST /charges, expect: deny, reason: caller_not_allowed}
                boss: {from: backoffice, as: carol, request: POST /charges/c1/refunds, expect: allow, rule: payment/refund/boss}
                finance: {from: backoffice, as: fay, request: POST /charges/c1/refunds, expect: allow}
                health: {from: catalog, request: GET /health, expect: allow}
              invariants:
                charges: {request: POST /charges, neverFrom: "*", except: [orders]}
            """;

    @TempDir
    private Path folder;

    @BeforeEach
    void documents() throws IOException {
        ShopDocuments.write(folder);
        tests(TESTS);
    }

    @Test
    void goodTestsEndWellAndSayWhatTheyCover() {
        Ran ran = sallyport("policy", "test", folder).held();

        assertThat(ran.out()).isEqualTo("""
                6 tests: 6 passed, 0 failed
                coverage 100 %: 4 of 4 rules, 0 of 0 denials, 3 of 3 routes
                """);
        assertThat(ran.err()).isEmpty();
    }

    @Test
    void failureIsPrintedWithPlaceExpectationAndReason() throws IOException {
        tests(TESTS.replace(
                "stranger: {from: catalog, as: alice, request: POST /charges, expect: deny, reason: caller_not_allowed}",
                "stranger: {from: catalog, as: alice, request: POST /charges, expect: allow}"));

        Ran ran = sallyport("policy", "test", folder);

        assertThat(ran.exit()).isEqualTo(4);
        assertThat(ran.out())
                .startsWith(folder.resolve("tests.yaml") + ":11:5: failed payment/stranger: decision: expected"
                        + " allow, actual deny caller_not_allowed (403)\n"
                        + "  POST /charges to payment from catalog as alice\n"
                        + "  rule payment/charge/orders\n"
                        + "    ✘ from        catalog   (expected: [orders])\n");
        assertThat(ran.out()).contains("  nearest allow: ", "6 tests: 5 passed, 1 failed");
    }

    @Test
    void brokenInvariantNamesTheRuleAndWhomItLets() throws IOException {
        tests(TESTS.replace("except: [orders]", "except: [catalog]"));

        Ran ran = sallyport("policy", "test", folder);

        assertThat(ran.exit()).isEqualTo(4);
        assertThat(ran.out())
                .contains(":16:5: failed payment/charges: invariant: expected never from * except catalog, actual"
                        + " rule payment/charge/orders with user: {issuer: shop, anyRole: [customer]} lets [orders]\n");
    }

    @Test
    void uncoveredRulesAreNamedAndListed() throws IOException {
        tests(TESTS.replaceAll("    (boss|health): .*\n", ""));

        assertThat(sallyport("policy", "test", folder).held().out())
                .contains(
                        "coverage 50 %: 2 of 4 rules, ",
                        "no case was decided by payment/health/mesh, payment/refund/boss");
        assertThat(sallyport("policy", "test", folder, "--coverage").held().out())
                .contains("✔ rule   payment/charge/orders                           1 case\n")
                .contains("✘ rule   payment/health/mesh                             0 cases\n");
        assertThat(sallyport("policy", "test", folder, "--min-coverage", 50)
                        .held()
                        .err())
                .isEmpty();
        sallyport("policy", "test", folder, "--min-coverage", 51)
                .refused(4, "coverage: 50 % (expected: at least 51 %)");
        sallyport("policy", "test", folder, "--min-coverage", 101).refused(2, "--min-coverage: 101 (expected: 0..100)");
    }

    @Test
    void filterPicksByNameAndMustPickSomething() {
        assertThat(sallyport("policy", "test", folder, "--filter", "PAYMENT/st")
                        .held()
                        .out())
                .contains("1 test: 1 passed");
        sallyport("policy", "test", folder, "--filter", "nobody").refused(2, "--filter: nobody");
    }

    @Test
    void setWithoutATestIsNoSuccess() throws IOException {
        Files.delete(folder.resolve("tests.yaml"));

        sallyport("policy", "test", folder).refused(4, "no test in " + folder, "kind PolicyTest");
    }

    @Test
    void invalidDocumentsEndWithThreeAndEveryProblem() throws IOException {
        tests(TESTS.replace("as: alice", "as: alise").replace("from: orders,", "from: ordrs,"));

        sallyport("policy", "test", folder).refused(3, "tests.yaml:10:", "did you mean alice?", "did you mean orders?");
    }

    @Test
    void programsReadTheSame() throws IOException {
        tests(TESTS.replace("reason: caller_not_allowed", "reason: no_route"));

        Ran ran = sallyport("policy", "test", folder, "-o", "json");
        JsonNode json = ran.json();

        assertThat(ran.exit()).isEqualTo(4);
        assertThat(json.path("passed").asInt()).isEqualTo(5);
        assertThat(json.at("/results/1/passed").asBoolean()).isFalse();
        assertThat(json.at("/results/1/line").asInt()).isEqualTo(11);
        assertThat(json.at("/results/1/differences/0/actual").asText()).isEqualTo("caller_not_allowed");
        assertThat(json.at("/results/1/advice").asText()).contains("orders");
        assertThat(json.at("/coverage/percent").asInt()).isEqualTo(100);
        assertThat(json.at("/coverage/items/1/name").asText()).isEqualTo("payment/charge/orders");
    }

    @Test
    void buildServersReadJUnitXml() throws Exception {
        tests(TESTS.replace("stranger:", "\"<strange> & \\\"odd\\\" \\e[31m\":")
                .replace("reason: caller_not_allowed", "reason: no_route"));
        Path file = folder.resolve("report.xml");

        assertThat(sallyport("policy", "test", folder, "--junit", file).exit()).isEqualTo(4);

        String xml = Files.readString(file);
        SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI)
                .newSchema(PolicyTestCommandTest.class.getResource("/junit-report.xsd"))
                .newValidator()
                .validate(new StreamSource(new StringReader(xml)));
        assertThat(xml)
                .contains(
                        "<testsuite package=\"policy\" id=\"0\" name=\"payment\" ",
                        " tests=\"6\" failures=\"1\" errors=\"0\" ")
                .contains("<testcase name=\"charge\" classname=\"policy.payment\" time=\"0\"/>")
                .contains("<testcase name=\"&lt;strange&gt; &amp; &quot;odd&quot; \uFFFD[31m\"")
                .contains("message=\"reason: expected no_route, actual caller_not_allowed\"");
    }

    private void tests(String text) throws IOException {
        Files.writeString(folder.resolve("tests.yaml"), text);
    }
}
