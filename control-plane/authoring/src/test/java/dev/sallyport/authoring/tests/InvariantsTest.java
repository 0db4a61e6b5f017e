package dev.sallyport.authoring.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InvariantsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "request: POST /charges, neverFrom: '*', except: [orders]",
                "request: POST /charges, neverFrom: any-mesh, except: [orders]",
                "request: POST /charges, neverFrom: [web, catalog, backoffice]",
                "request: POST /charges, neverWithout: user",
                "request: POST /charges, neverWithout: {role: customer, issuer: shop}",
                "request: '* /charges/**', neverFrom: '*', except: [orders, backoffice]",
                "request: '* /charges/{any}/refunds', neverWithout: {role: finance, claims: {dept: payments}}",
                "request: POST /charges/c7/refunds, neverWithout: {role: [finance]}",
                "request: POST /payouts, neverWithout: {issuer: shop}",
                "request: GET /charges, neverFrom: '*'",
                "request: POST /charges/, neverFrom: '*'",
                "request: '* /nowhere/**', neverFrom: '*'",
                "request: tcp 5432, neverFrom: '*', except: [backoffice]",
                "request: tcp 5433, neverFrom: '*'",
                "to: catalog, request: '* /**', neverFrom: '*'"
            })
    void invariantHoldsWhenNoInputCanBreakIt(String invariant) {
        assertThat(broken(invariant)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "request: POST /charges, neverFrom: '*', except: [web] | never from * except web"
                        + " | rule payment/charge/orders with user: {issuer: shop, anyRole: [customer]} lets [orders]",
                "request: POST /charges, neverWithout: {role: finance} | never from * without role finance"
                        + " | rule payment/charge/orders with user: {issuer: shop, anyRole: [customer]} lets [orders]",
                "request: POST /charges/c1/refunds, neverFrom: backoffice, neverWithout: {subject: fay} | never from backoffice without subject fay"
                        + " | rule payment/refund/finance with user: {issuer: shop, allRoles: [finance], claims.dept: payments} lets [backoffice]",
                "request: '* /batches', neverWithout: user | never from * without a user | rule payment/batch/bulk with user: none lets [orders]",
                "request: POST /payouts, neverWithout: {role: finance} | never from * without role finance"
                        + " | rule payment/risky/opa with user: required lets [backoffice]",
                "request: tcp 5432, neverWithout: user | never from * without a user | rule payment/ledger/backoffice with user: none lets [backoffice]"
            })
    void whoeverBreaksItIsNamedWithTheRule(String invariant, String promise, String actual) {
        assertThat(broken(invariant)).containsExactly("x: invariant: expected " + promise + ", actual " + actual);
    }

    @Test
    void patternOfAFolderMeansItsFrontPageToo() {
        assertThat(broken("request: '* /charges/**', neverFrom: orders")).hasSize(1);
        assertThat(broken("request: '* /charges/{one}', neverFrom: orders")).isEmpty();
    }

    @Test
    void oneOfSeveralRolesIsNoProofOfOne() {
        String either = policy("rule: {from: [orders], user: {issuer: shop, anyRole: [finance, boss]}}");

        assertThat(broken("request: POST /x, neverWithout: {role: finance}", either))
                .hasSize(1);
        assertThat(broken("request: POST /x, neverWithout: {role: finance}", either.replace("anyRole", "allRoles")))
                .isEmpty();
    }

    @Test
    void whatARuleCannotDecideCountsAsTrue() {
        String conditional = policy("rule: {from: [orders], user: none, headers: {x-a: b}, query: {c: d}}");

        assertThat(broken("request: POST /x, neverFrom: orders", conditional)).hasSize(1);
    }

    @Test
    void dryRunAndEndedRulesAllowNobody() {
        String rule = "rule: {from: [orders], user: none, expires: 2026-04-01}";

        assertThat(broken("request: POST /x, neverFrom: orders", policy(rule))).hasSize(1);
        assertThat(broken("request: POST /x, neverFrom: orders, at: 2026-04-01", policy(rule)))
                .isEmpty();
        assertThat(broken(
                        "request: POST /x, neverFrom: orders",
                        policy(rule.replace("expires: 2026-04-01", "mode: dryRun"))))
                .isEmpty();
    }

    @Test
    void moreSpecificRouteTakesItsRequestsAway() {
        String policy = """
                apiVersion: sallyport.dev/v1
                kind: RoutePolicy
                metadata: {name: payment}
                spec:
                  service: payment
                  routes:
                    all: {match: "POST /**", allow: {rule: {from: [web], user: none}}}
                    own: {match: POST /x, allow: {rule: {from: [orders], user: none}}}
                """;
        String never = "request: POST /x, neverFrom: '*', except: [orders]";

        assertThat(broken(never, policy)).isEmpty();
        assertThat(broken(never, policy.replace("match: POST /x,", "match: POST /x, hosts: [a.example],")))
                .as("on another host the general route answers")
                .hasSize(1);
        assertThat(broken("request: '* /**', neverFrom: web", policy)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{to: [payment], unlessFrom: [web]} | true",
                "{to: any-mesh, match: [/x], unlessFrom: [web]} | true",
                "{to: [payment], match: ['/x/**'], unlessFrom: [web]} | true",
                "{to: [payment], match: [POST /x]} | true",
                "{to: [payment], from: [orders]} | true",
                "{to: [payment], unlessUser: required} | false",
                "{to: [payment], unlessUser: required, unlessFrom: [web]} | true",
                "{to: [payment], unlessFrom: [orders]} | false",
                "{to: [payment], from: [web]} | false",
                "{to: [catalog], unlessFrom: [web]} | false",
                "{to: [payment], match: [GET /x], unlessFrom: [web]} | false",
                "{to: [payment], match: [/y], unlessFrom: [web]} | false",
                "{to: [payment], unlessHeaders: {x-a: b}} | false"
            })
    void guardrailHelpsWhenItSurelyDenies(String denial, boolean holds) {
        String guardrail = guardrail(denial);
        String open = policy("rule: {from: [orders], user: none}");

        assertThat(broken("request: POST /x, neverFrom: orders", open, guardrail))
                .hasSize(holds ? 0 : 1);
        assertThat(broken(
                        "request: POST /x, neverFrom: orders",
                        open,
                        guardrail.replace("spec:", "spec:\n  mode: dryRun")))
                .as("a guardrail in dry run denies nothing")
                .hasSize(1);
    }

    @Test
    void guardrailThatAsksForAUserIsAProof() {
        String open = policy("rule: {from: [orders], user: none}");
        String finance = guardrail("{to: [payment], unlessUser: {issuer: shop, allRoles: [finance]}}");

        assertThat(broken("request: POST /x, neverWithout: {role: finance}", open, finance))
                .isEmpty();
        assertThat(broken("request: POST /x, neverWithout: {role: boss}", open, finance))
                .hasSize(1);
        assertThat(broken("request: POST /x, neverWithout: {role: finance}", open))
                .hasSize(1);
    }

    @Test
    void userWhomOthersCarriedIsProvenAsFarAsTheRuleAsks() {
        String mesh = Documents.MESH.replace("age: int}}", "age: int}, verifiedBy: [web]}");
        String rule =
                policy("rule: {from: [orders], user: {issuer: shop, allRoles: [a], via: {from: [web], maxHops: 2}}}");

        assertThat(invariant("request: POST /x, neverWithout: {role: a}", mesh, rule))
                .isEmpty();
        assertThat(invariant("request: POST /x, neverWithout: {role: b}", mesh, rule))
                .containsExactly(
                        "x: invariant: expected never from * without role b, actual rule payment/x/rule with user:"
                                + " {issuer: shop, allRoles: [a], via: [web] in 2 hops} lets [orders]");
    }

    @Test
    void observeLetsEverybodyPassUntilItEnds() {
        String observing = policy("rule: {from: [orders], user: required}")
                .replace("service: payment", "service: payment\n  mode: observe\n  until: 2026-04-01");

        assertThat(broken("request: GET /y, neverFrom: web", observing))
                .containsExactly("x: invariant: expected never from web, actual mode: observe of policy payment,"
                        + " until 2026-04-01T00:00:00Z lets [web]");
        assertThat(broken("request: GET /y, neverFrom: web, at: 2026-04-01", observing))
                .isEmpty();
        assertThat(broken(
                        "request: GET /y, neverFrom: web",
                        observing,
                        guardrail("{to: [payment], unlessFrom: [orders]}")))
                .as("guardrails still refuse")
                .isEmpty();
    }

    private static String policy(String rule) {
        return """
                apiVersion: sallyport.dev/v1
                kind: RoutePolicy
                metadata: {name: payment}
                spec:
                  service: payment
                  routes:
                    x: {match: POST /x, allow: {%s}}
                """.formatted(rule);
    }

    private static String guardrail(String denial) {
        return """
                apiVersion: sallyport.dev/v1
                kind: Guardrail
                metadata: {name: rail}
                spec:
                  deny: {one: %s}
                """.formatted(denial);
    }

    private static List<String> broken(String invariant) {
        return broken(invariant, Documents.PAYMENT, Documents.CARD_DATA);
    }

    private static List<String> broken(String invariant, String... documents) {
        return invariant(
                invariant,
                java.util.stream.Stream.concat(
                                java.util.stream.Stream.of(Documents.MESH), java.util.Arrays.stream(documents))
                        .toArray(String[]::new));
    }

    private static List<String> invariant(String invariant, String... set) {
        return Documents.failures(Documents.run(Documents.tree("invariants:\n  x: {" + invariant + "}\n", set)));
    }
}
