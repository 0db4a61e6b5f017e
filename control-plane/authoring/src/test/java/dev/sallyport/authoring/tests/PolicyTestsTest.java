package dev.sallyport.authoring.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.authoring.tests.TestReport.Result;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTestsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "from: orders, as: alice, request: POST /charges, expect: allow, rule: payment/charge/orders, status: 200",
                "from: orders, as: alice, request: POST /charges, expect: allow, reason: allowed",
                "from: orders, request: POST /charges, expect: deny, reason: token_missing, status: 401",
                "from: orders, token: missing, request: POST /charges, expect: deny, reason: token_missing",
                "from: orders, token: expired, request: POST /charges, expect: deny, reason: token_expired",
                "from: orders, token: key_unknown, request: POST /charges, expect: deny, reason: token_key_unknown",
                "from: orders, as: sue, request: POST /charges, expect: deny, reason: role_missing, rule: payment/charge/orders",
                "from: web, as: alice, request: POST /charges, expect: deny, reason: guardrail, guardrail: card-data/strangers",
                "from: none, as: alice, request: POST /charges, expect: deny, guardrail: card-data/strangers",
                "from: 'spiffe://shop.example/sa/unheard', request: POST /charges, expect: deny, status: 403",
                "from: orders, as: alice, request: 'POST /charges%2f1/refunds', expect: deny, reason: path_rejected, status: 400",
                "from: orders, as: alice, request: 'POST //charges', expect: deny, reason: path_rejected",
                "from: orders, as: alice, request: 'post /charges', expect: deny, reason: path_rejected",
                "from: orders, as: alice, request: 'POST /charges /x', expect: deny, reason: path_rejected",
                "from: orders, as: alice, request: POST /charges, host: 'a b', expect: deny, reason: path_rejected",
                "from: orders, as: alice, request: POST /charges, headers: {x-http-method-override: DELETE}, expect: deny, reason: path_rejected",
                "from: orders, as: alice, request: POST /charge, expect: deny, reason: no_route",
                "from: orders, request: 'POST /batches?mode=bulk', headers: {x-tenant: acme}, expect: allow, rule: payment/batch/bulk",
                "from: orders, request: 'POST /batches?mode=bulk', headers: {x-tenant: other}, expect: deny, reason: condition_false",
                "from: orders, request: 'POST /batches?mode=bulk', headers: {x-tenant: [acme, acme]}, expect: deny, reason: condition_error",
                "from: orders, request: POST /batches, headers: {x-tenant: acme}, expect: deny, reason: condition_false",
                "from: backoffice, as: fay, request: POST /charges/c1/refunds, expect: allow",
                "from: backoffice, as: sue, request: POST /charges/c1/refunds, expect: deny, shadow: {expect: allow, rule: payment/refund/care}",
                "from: web, as: sue, request: POST /charges/c1/refunds, expect: deny, shadow: {expect: deny, guardrail: card-data/strangers}",
                "from: backoffice, as: fay, request: POST /payouts, expect: ask, rule: payment/risky/opa",
                "from: backoffice, as: fay, request: POST /payouts, opa: {local: true}, expect: allow",
                "from: backoffice, as: fay, request: POST /payouts, opa: {local: false}, expect: deny, reason: opa_denied",
                "from: backoffice, as: fay, request: POST /payouts, opa: {local: error}, expect: deny, reason: opa_error",
                "from: backoffice, request: tcp 5432, expect: allow, rule: payment/ledger/backoffice",
                "from: orders, request: tcp 5432, expect: deny, reason: caller_not_allowed",
                "from: backoffice, request: tcp 5433, expect: deny, reason: no_route",
                "from: orders, as: alice, request: POST /charges, at: +4m, expect: allow",
                "from: orders, as: alice, request: POST /charges, at: +6m, expect: deny, reason: token_expired",
                "to: catalog, from: web, request: GET /products, expect: deny, reason: no_route",
                "to: catalog, from: web, request: GET /a%2Fb, host: 'catalog:8080', expect: deny, reason: no_route",
                "to: catalog, from: web, request: GET /a%2Fb, host: 'catalog:8081', expect: deny, reason: path_rejected",
                "to: catalog, from: web, request: GET /a%2Fb, host: 'catalog:5432', expect: deny, reason: path_rejected",
                "to: catalog, from: web, request: GET /a%2Fb, expect: deny, reason: path_rejected",
                "to: catalog, from: web, request: GET /a%2F.., host: 'catalog:8080', expect: deny, reason: path_rejected",
                "to: catalog, from: web, request: GET /a, host: 'catalog:8080', headers: {x-forwarded-prefix: /b}, expect: deny, reason: no_route",
                "to: catalog, from: web, request: GET /a, host: 'catalog:8080', headers: {x-original-url: /b}, expect: deny, reason: path_rejected",
                "to: catalog, from: web, request: GET /a, host: 'catalog:8081', headers: {x-forwarded-prefix: /b}, expect: deny, reason: path_rejected"
            })
    void caseHoldsWhenTheDecisionIsTheExpectedOne(String one) {
        assertThat(Documents.failures(run(one))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from: orders, as: alice, via: [web, orders], request: POST /charges, expect: allow",
                "from: web, as: alice, via: web, request: POST /charges, expect: allow",
                "from: orders, as: alice, request: POST /charges, expect: allow",
                "from: orders, as: alice, via: [backoffice, orders], request: POST /charges, expect: deny, reason: token_chain",
                "from: orders, as: alice, via: [web, web, orders], request: POST /charges, expect: deny, reason: token_chain, status: 401",
                "from: orders, token: expired, via: [web, orders], request: POST /charges, expect: deny, reason: token_expired",
                "from: orders, token: missing, via: [web, orders], request: POST /charges, expect: deny, reason: token_missing",
                "from: orders, as: sue, via: [web, orders], request: POST /charges, expect: deny, reason: role_missing",
                "from: orders, as: alice, via: [web, orders], request: GET /own, expect: deny, reason: token_missing",
                "from: orders, as: fay, via: [web, orders], request: GET /adult, expect: deny, reason: condition_error",
                "from: orders, as: fay, request: GET /adult, expect: allow"
            })
    void userWhomOthersCarriedCountsWhereTheRuleSaysVia(String one) {
        String mesh = Documents.MESH.replace("age: int}}", "age: int}, verifiedBy: [web], propagate: [dept]}");
        String policy = """
                apiVersion: sallyport.dev/v1
                kind: RoutePolicy
                metadata: {name: payment}
                spec:
                  service: payment
                  routes:
                    charge:
                      match: POST /charges
                      allow:
                        carried: {from: [orders, web], user: {issuer: shop, anyRole: [customer], via: {from: [web], maxHops: 2}}}
                    own: {match: GET /own, allow: {orders: {from: [orders], user: {issuer: shop}}}}
                    adult: {match: GET /adult, allow: {orders: {from: [orders], user: {issuer: shop, via: {from: [web], maxHops: 2}}, when: "user.claims.age >= 18"}}}
                """;
        WorkingTree tree = Documents.tree("cases:\n  one: {" + one + "}\n", mesh, policy);

        assertThat(Documents.failures(Documents.run(tree))).isEmpty();
        assertThat(Documents.run(tree).results().getFirst().subject().contains(" via web"))
                .isEqualTo(one.contains("via: [web") || one.contains("via: web"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "expect: deny | decision: expected deny, actual allow by payment/charge/orders",
                "expect: ask | decision: expected ask, actual allow by payment/charge/orders",
                "expect: allow, rule: payment/batch/bulk | rule: expected payment/batch/bulk, actual payment/charge/orders",
                "expect: allow, status: 204 | status: expected 204, actual 200 (allowed)",
                "expect: allow, observed: no_route | decision: expected allow by mode: observe, of no_route, actual allow by payment/charge/orders",
                "expect: allow, shadow: {expect: deny} | shadow decision: expected deny, actual allow by payment/charge/orders"
            })
    void whatIsNotAsExpectedIsNamed(String expectation, String difference) {
        TestReport report = run("from: orders, as: alice, request: POST /charges, " + expectation);

        Result failed = report.failed().getFirst();
        assertThat(failed.differences()).map(Object::toString).containsExactly(difference);
        assertThat(failed.explanation()).isPresent();
        assertThat(failed.location()).hasToString("tests.yaml:14:5");
        assertThat(failed.subject()).isEqualTo("POST /charges to payment from orders as alice");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "expect: allow | decision: expected allow, actual deny token_missing (401)",
                "expect: deny, reason: role_missing | reason: expected role_missing, actual token_missing",
                "expect: deny, status: 403 | status: expected 403, actual 401 (token_missing)",
                "expect: deny, rule: payment/batch/bulk | rule: expected payment/batch/bulk, actual payment/charge/orders",
                "expect: deny, guardrail: card-data/strangers | guardrail: expected card-data/strangers, actual none"
            })
    void wrongExpectationOfADenialIsNamed(String expectation, String difference) {
        assertThat(Documents.failures(run("from: orders, request: POST /charges, " + expectation)))
                .containsExactly("one: " + difference);
    }

    @Test
    void shadowWhereNothingIsInDryRunIsADifference() {
        TestReport report = run("to: catalog, from: web, request: GET /products, expect: deny, shadow: {expect: deny}");

        // The guardrail of this set is live, and catalog has no dry-run rule.
        assertThat(report.failed().getFirst().differences())
                .map(Object::toString)
                .containsExactly("shadow decision: expected deny, actual none, for nothing here is in mode dryRun");
    }

    @Test
    void tokenIsAsOldAsTheTestSays() {
        TestReport report = Documents.run("""
                cases:
                  too old: {from: orders, as: aged, request: POST /charges, expect: deny, reason: token_too_old}
                  fresh: {from: orders, as: young, request: POST /charges, expect: allow}
                  later: {from: orders, as: young, request: POST /charges, at: +2m, expect: deny, reason: token_too_old}
                  over: {from: orders, as: ended, request: POST /charges, expect: deny, reason: token_expired}
                """);

        assertThat(Documents.failures(report)).isEmpty();
    }

    @Test
    void allowByObserveOnlyIsNoAllow() {
        String observing =
                Documents.PAYMENT.replace("service: payment", "service: payment\n  mode: observe\n  until: 2026-04-01");
        String cases = """
                cases:
                  plain: {from: orders, request: POST /nowhere, expect: allow}
                  stated: {from: orders, request: POST /nowhere, expect: allow, observed: no_route}
                  other: {from: orders, request: POST /nowhere, expect: allow, observed: token_missing}
                  ended: {from: orders, request: POST /nowhere, at: 2026-04-01, expect: deny, reason: no_route}
                """;

        TestReport report = Documents.run(Documents.tree(cases, Documents.MESH, observing));

        assertThat(report.failed()).map(Result::name).containsExactly("plain", "other");
        assertThat(report.failed().getFirst().differences())
                .map(Object::toString)
                .containsExactly("decision: expected allow by a rule, actual allow by mode: observe only, of no_route");
    }

    @Test
    void matrixIsEveryCallerWithEveryUserAndEveryRequest() {
        TestReport report = Documents.run("""
                matrix: {from: [web, catalog, none], as: [alice, fay, none], request: [POST /charges, POST /charges/c1/refunds], expect: deny, reason: guardrail}
                """);

        assertThat(report.results()).hasSize(18).allMatch(Result::passed);
        assertThat(report.results().get(1).name()).isEqualTo("matrix: web, alice, POST /charges/c1/refunds");
    }

    @Test
    void namedMatricesFailCellByCell() {
        TestReport report = Documents.run("""
                matrix:
                  closed: {from: any-mesh, request: POST /charges/c1/refunds, expect: deny}
                  finance: {from: [web, backoffice], as: fay, request: POST /charges/c1/refunds, expect: deny}
                """);

        assertThat(report.results()).hasSize(7);
        assertThat(report.failed())
                .map(Result::name)
                .containsExactly("finance: backoffice, fay, POST /charges/c1/refunds");
    }

    @Test
    void onlyWhatIsWantedRuns() {
        var tree = Documents.tree("""
                cases:
                  good: {from: orders, as: alice, request: POST /charges, expect: allow}
                  bad: {from: orders, as: alice, request: POST /charges, expect: deny}
                invariants:
                  charges: {request: POST /charges, neverFrom: web}
                """);

        TestReport report =
                PolicyTests.run(tree.set(), tree.tests(), Documents.NOW, name -> name.equals("payment/good"));

        assertThat(report.results()).map(Result::name).isEqualTo(List.of("good"));
    }

    @Test
    void withoutNowItIsTheTimeOfTheRun() {
        var tree = Documents.tree("""
                cases:
                  late: {from: orders, as: alice, request: POST /charges, at: 2026-03-02T10:04:00Z, expect: allow}
                """);

        assertThat(PolicyTests.run(tree.set(), tree.tests(), Documents.NOW.minusSeconds(600), _ -> true)
                        .failed())
                .as("the test's own now wins")
                .isEmpty();
    }

    private static TestReport run(String one) {
        return Documents.run("cases:\n  one: {" + one + "}\n");
    }
}
