package dev.sallyport.authoring.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.authoring.tests.PolicyTest.Token;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTestReaderTest {
    private static final String GOOD = "from: orders, as: alice, request: POST /charges, expect: allow";

    @Test
    void claimsAreReadInTheTypesThatTheIssuerDeclares() {
        PolicyTest.Case one = Documents.tree("cases:\n  one: {" + GOOD.replace("alice", "fay") + "}\n")
                .tests()
                .getFirst()
                .cases()
                .getFirst();

        assertThat(((Token.Good) one.token()).person().claims())
                .isEqualTo(Map.of("dept", "payments", "amr", List.of("pwd", "mfa"), "vip", true, "age", 42L));
        assertThat(((Token.Good) one.token()).person().subject()).isEqualTo("fay");
    }

    @Test
    void tokenIsIssuedNowForFiveMinutesUnlessTheTestSaysOtherwise() {
        Token token = Documents.tree("cases:\n  one: {" + GOOD + "}\n")
                .tests()
                .getFirst()
                .cases()
                .getFirst()
                .token();

        var user = ((Token.Good) token).person().user(Documents.NOW);
        assertThat(user.issuedAt()).isEqualTo(Documents.NOW);
        assertThat(user.expiresAt()).isEqualTo(Documents.NOW.plusSeconds(300));
    }

    @Test
    void viaNeedsSomebodyWhoCame() {
        assertThat(Documents.problems(
                        "cases:\n  one: {from: orders, via: [web, orders], request: POST /charges, expect: deny}\n"))
                .singleElement()
                .asString()
                .contains("SP0906 spec.cases.one.via: via without a user (expected: as, or token)");
    }

    @Test
    void everyCallerOfAMatrixCarriesLast() {
        String matrix =
                "matrix: {from: [orders, backoffice], as: alice, via: [web, orders], request: POST /charges, expect: deny}\n";

        assertThat(Documents.problems(matrix))
                .singleElement()
                .asString()
                .contains("SP0906 spec.matrix.via[1]: orders, and the caller is backoffice");
        assertThat(Documents.problems(
                        matrix.replace("[orders, backoffice]", "[orders, 'spiffe://shop.example/sa/orders']")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "from: ordres | tests.yaml:14:17: SP0101 spec.cases.one.from: ordres: unknown (did you mean orders?)",
                "from: 'spiffe://shop example' | SP0201 spec.cases.one.from: ",
                "from: [orders, web] | SP0012 spec.cases.one.from: a list (expected: a text)",
                "from: | SP0012 spec.cases.one.from: empty (expected: a text)",
                "as: alise | SP0902 spec.cases.one.as: alise: unknown (did you mean alice?)",
                "request: /charges | SP0903 spec.cases.one.request: /charges (expected: METHOD /path,",
                "request: tcp x | SP0903 spec.cases.one.request: tcp x (expected: METHOD /path,",
                "expect: maybe | SP0013 spec.cases.one.expect: maybe (expected: allow | deny | ask)",
                "rule: payment/charge/order | SP0905 spec.cases.one.rule: payment/charge/order: unknown (did you mean payment/charge/orders?)",
                "rule: charge | SP0905 spec.cases.one.rule: charge: unknown (expected: a rule of the set, as service/route/rule: payment/batch/bulk, ",
                "reason: token_mising | SP0905 spec.cases.one.reason: token_mising: unknown (did you mean token_missing?)",
                "reason: no_route | SP0906 spec.cases.one.reason: no_route, of an allow (expected: no reason, or observed: no_route",
                "status: '42' | SP0013 spec.cases.one.status: 42 (expected: 200..599)",
                "guardrail: card-data/strangers | SP0906 spec.cases.one.guardrail: guardrail with expect: allow (expected: only with expect: deny)",
                "token: expired | SP0906 spec.cases.one.token: token beside as (expected: one of them)",
                "to: paymnt | SP0101 spec.cases.one.to: paymnt: unknown (did you mean payment?)",
                "at: soon | SP0013 spec.cases.one.at: soon (expected: a date or an instant in UTC,",
                "at: +5x | SP0907 spec.cases.one.at: +5x (expected: a distance from now, as -1m, +90s, +1h, +30d)",
                "opa: {locl: true} | SP0905 spec.cases.one.opa.locl: locl: unknown (did you mean local?)",
                "opa: {local: 'yes'} | SP0013 spec.cases.one.opa.local: yes (expected: true | false | error)",
                "headers: {authorization: Bearer} | SP0904 spec.cases.one.headers: authorization: carries an identity",
                "headers: {X-Tenant: a} | SP0904 spec.cases.one.headers: X-Tenant (expected: lower case, x-tenant)",
                "headers: {x-tenant: []} | SP0012 spec.cases.one.headers.x-tenant: an empty list",
                "shadow: {expect: allow, reson: x} | SP0010 spec.cases.one.shadow.reson: unknown (did you mean reason?)",
                "via: [web, ordres, orders] | SP0101 spec.cases.one.via[1]: ordres: unknown (did you mean orders?)",
                "via: [web] | SP0906 spec.cases.one.via[0]: web, and the caller is orders (expected: the service that verified the user first, the caller last)",
                "via: [] | SP0012 spec.cases.one.via: an empty list",
                "via: {from: web} | SP0012 spec.cases.one.via: a mapping",
                "reqest: GET / | SP0010 spec.cases.one.reqest: unknown (did you mean request?)"
            })
    void whatACaseHasWrongIsNamedWithItsPlace(String wrong, String problem) {
        String key = wrong.substring(0, wrong.indexOf(':') + 1);
        String rest = List.of(GOOD.split(", ")).stream()
                .filter(part -> !part.startsWith(key))
                .collect(java.util.stream.Collectors.joining(", "));

        assertThat(Documents.problems("cases:\n  one: {" + wrong + ", " + rest + "}\n"))
                .singleElement()
                .asString()
                .contains(problem);
    }

    @Test
    void whatIsWrongWithATokenIsAWordOfTheReasons() {
        String one = "cases:\n  one: {from: orders, token: %s, request: POST /charges, expect: deny}\n";

        assertThat(Documents.problems(one.formatted("expird")))
                .singleElement()
                .asString()
                .contains("SP0905 spec.cases.one.token: expird: unknown (did you mean expired?)");
        assertThat(Documents.problems(one.formatted("expired"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{issuer: shp} | SP0102 spec.users.x.issuer: shp: unknown (did you mean shop?)",
                "{sub: x} | SP0011 spec.users.x.issuer: missing (expected: a text)",
                "{issuer: shop, claims: {detp: x}} | SP0010 spec.users.x.claims.detp: unknown (did you mean dept?)",
                "{issuer: shop, claims: {vip: 1}} | SP0013 spec.users.x.claims.vip: 1 (expected: true | false)",
                "{issuer: shop, claims: {age: old}} | SP0013 spec.users.x.claims.age: old (expected: a whole number)",
                "{issuer: shop, roles: []} | SP0012 spec.users.x.roles: an empty list",
                "{issuer: shop, iat: yesterday} | SP0013 spec.users.x.iat: yesterday (expected: ",
                "{issuer: shop, role: a} | SP0010 spec.users.x.role: unknown (did you mean roles?)"
            })
    void whatAUserHasWrongIsNamed(String user, String problem) {
        String cases = "cases:\n  one: {" + GOOD + "}\n";
        String test = Documents.TEST.replace("    alice:", "    x: " + user + "\n    alice:");

        assertThat(Documents.problemsOf(test + cases.indent(2)))
                .singleElement()
                .asString()
                .contains(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{request: POST /charges} | SP0011 spec.invariants.x.neverFrom: missing (expected: \"*\" or a list of services;",
                "{request: POST /charges, neverFrom: wbe} | SP0101 spec.invariants.x.neverFrom: wbe: unknown (did you mean web?)",
                "{request: POST /charges, neverFrom: '*', except: [order]} | SP0101 spec.invariants.x.except[0]: order: unknown (did you mean orders?)",
                "{request: /charges, neverFrom: '*'} | SP0903 spec.invariants.x.request: /charges (expected: METHOD /path,",
                "{request: POST /a/**/b, neverFrom: '*'} | SP0903 spec.invariants.x.request: POST /a/**/b (expected: ",
                "{request: POST /charges, neverWithout: role} | SP0905 spec.invariants.x.neverWithout: role (expected: user, or {role: name},",
                "{request: POST /charges, neverWithout: {rol: a}} | SP0010 spec.invariants.x.neverWithout.rol: unknown (did you mean role?)",
                "{request: POST /charges, neverWithout: {issuer: shp}} | SP0102 spec.invariants.x.neverWithout.issuer: shp: unknown",
                "{neverFrom: '*'} | SP0011 spec.invariants.x.request: missing (expected: a text)"
            })
    void whatAnInvariantHasWrongIsNamed(String invariant, String problem) {
        assertThat(Documents.problems("invariants:\n  x: " + invariant + "\n"))
                .singleElement()
                .asString()
                .contains(problem);
    }

    @Test
    void destinationIsTheServiceOfThePolicyOfTheSameName() {
        String cases = "cases:\n  one: {" + GOOD + "}\n";
        String test = Documents.TEST.replace("name: payment", "name: other") + cases.indent(2);

        assertThat(Documents.problemsOf(test))
                .singleElement()
                .asString()
                .contains("SP0908 spec.cases.one.to: missing (expected: the called service,");
        assertThat(Documents.problemsOf(test + "  service: payment\n")).isEmpty();
    }

    @Test
    void testWithoutAnythingToTestIsRefused() {
        assertThat(Documents.problemsOf(Documents.TEST))
                .containsExactly(
                        "tests.yaml:5:3: SP0901 spec: nothing to test (expected: cases, a matrix or invariants)");
    }

    @Test
    void matrixIsBounded() {
        String many = String.join(", ", java.util.Collections.nCopies(101, "POST /charges"));

        assertThat(Documents.problems("matrix: {from: [" + String.join(", ", java.util.Collections.nCopies(100, "web"))
                        + "], request: [" + many + "], expect: deny}\n"))
                .singleElement()
                .asString()
                .contains("SP0909 spec.matrix.request: 10100 cases (expected: at most 10000; split the matrix)");
    }

    @Test
    void problemsOfSetAndTestsAreToldTogether() {
        List<String> problems = Documents.problems(
                "cases:\n  one: {" + GOOD.replace("expect", "expct") + "}\n",
                Documents.MESH,
                Documents.PAYMENT.replace("from: [orders]", "form: [orders]"));

        assertThat(problems).anyMatch(problem -> problem.startsWith("set.yaml:"));
        assertThat(problems)
                .anyMatch(problem -> problem.contains("spec.cases.one.expct: unknown (did you mean expect?)"));
        assertThat(problems)
                .as("what a test names is judged by a good set only")
                .noneMatch(p -> p.contains("SP09"));
    }

    @Test
    void testsAreNoPartOfWhatIsEnforced() {
        WorkingTree tree = Documents.tree("cases:\n  one: {" + GOOD + "}\n");

        assertThat(tree.tests()).hasSize(1);
        assertThat(tree.set().toJson()).doesNotContain("PolicyTest");
    }

    @Test
    void timesAreFixedOrCountFromNow() {
        Instant now = Documents.NOW;
        String cases = """
                cases:
                  fixed: {%s, at: 2026-03-02T10:02:00Z}
                  day: {%s, at: 2026-03-02}
                  away: {%s, at: +90s}
                  back: {%s, at: -1h}
                """.formatted(GOOD, GOOD, GOOD, GOOD);

        assertThat(Documents.tree(cases).tests().getFirst().cases())
                .map(one -> one.at().from(now))
                .containsExactly(
                        now.plusSeconds(120),
                        Instant.parse("2026-03-02T00:00:00Z"),
                        now.plusSeconds(90),
                        now.minusSeconds(3600));
    }
}
