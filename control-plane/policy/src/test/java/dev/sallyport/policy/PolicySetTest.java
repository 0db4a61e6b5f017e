package dev.sallyport.policy;

import static dev.sallyport.policy.Facts.NOW;
import static dev.sallyport.policy.Facts.call;
import static dev.sallyport.policy.Facts.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.identity.SpiffeId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PolicySetTest {
    private static final User ALICE = user("shop", "alice", List.of("customer"), List.of("read"), Map.of());
    private static final UserFact EXPIRED = new UserFact.Bad(Reason.TOKEN_EXPIRED);

    @Test
    void requestWithoutMatchingRouteIsDenied() {
        PolicySet set = Shop.rules("{r: {from: any-mesh, user: none}}");

        assertThat(set.decide(call("orders", "POST", "/charges"), NOW).reason()).isEqualTo(Reason.ALLOWED);
        assertThat(set.decide(call("orders", "GET", "/charges"), NOW).reason()).isEqualTo(Reason.NO_ROUTE);
        assertThat(set.decide(call("orders", "POST", "/charges/"), NOW).reason())
                .isEqualTo(Reason.NO_ROUTE);
        assertThat(set.decide(call("orders", "POST", "/Charges"), NOW).reason()).isEqualTo(Reason.NO_ROUTE);
        assertThat(set.decide(call("orders", "POST", "charges"), NOW).reason()).isEqualTo(Reason.NO_ROUTE);
        assertThat(set.decide(call("orders", "POST", ""), NOW).reason()).isEqualTo(Reason.NO_ROUTE);
    }

    @Test
    void serviceWithoutAPolicyDeniesEverything() {
        PolicySet set =
                PolicySet.compile(Shop.set("{a: {match: GET /a, allow: {r: {from: web, user: none}}}}"), "orders");

        assertThat(set.decide(call("web", "GET", "/a"), NOW).reason()).isEqualTo(Reason.NO_ROUTE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicySet.compile(
                        Shop.set("{a: {match: GET /a, allow: {r: {from: web, user: none}}}}"), "nobody"));
    }

    /** CVE-2026-39350 and attacks 33, 44: identities are compared exactly. */
    @ParameterizedTest
    @CsvSource({
        "spiffe://shop.example/sa/orders,ALLOWED",
        "spiffe://shop.example/sa/web,CALLER_NOT_ALLOWED",
        "spiffe://shop.example/sa/order,CALLER_UNKNOWN",
        "spiffe://shop.example/sa/orders2,CALLER_UNKNOWN",
        "spiffe://shop.example/sa/Orders,CALLER_UNKNOWN",
        "spiffe://shop.example/sa/orders/x,CALLER_UNKNOWN",
        "spiffe://shop.example.evil/sa/orders,CALLER_UNKNOWN",
        "spiffe://shop-example/sa/orders,CALLER_UNKNOWN"
    })
    void callersAreComparedExactly(String caller, Reason reason) {
        for (String rule : List.of("orders", "'spiffe://shop.example/sa/orders'")) {
            PolicySet set = Shop.rules("{r: {from: [" + rule + "], user: none}}");
            assertThat(set.decide(call(caller, "POST", "/charges"), NOW).reason())
                    .isEqualTo(reason);
        }
    }

    @Test
    void anyMeshIsWhoTheMeshDeclaresAndNobodyElse() {
        PolicySet set = Shop.rules("{r: {from: any-mesh, user: none}}");
        GivenFacts nobody = GivenFacts.of(Optional.empty(), "POST", "/charges");

        assertThat(set.decide(call("web", "POST", "/charges"), NOW).reason()).isEqualTo(Reason.ALLOWED);
        assertThat(set.decide(call("stranger", "POST", "/charges"), NOW).reason())
                .isEqualTo(Reason.CALLER_UNKNOWN);
        assertThat(set.decide(nobody, NOW).reason()).isEqualTo(Reason.CALLER_UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource({
        "none,ABSENT,ALLOWED",
        "none,EXPIRED,ALLOWED",
        "none,GOOD,ALLOWED",
        "optional,ABSENT,ALLOWED",
        "optional,EXPIRED,TOKEN_EXPIRED",
        "optional,GOOD,ALLOWED",
        "required,ABSENT,TOKEN_MISSING",
        "required,EXPIRED,TOKEN_EXPIRED",
        "required,GOOD,ALLOWED",
        "{issuer: shop},ABSENT,TOKEN_MISSING",
        "{issuer: shop},EXPIRED,TOKEN_EXPIRED",
        "{issuer: shop},GOOD,ALLOWED",
        "{issuer: staff},GOOD,TOKEN_ISSUER"
    })
    void badTokenFailsEveryRuleThatLooksAtIt(String rule, String token, Reason reason) {
        PolicySet set = Shop.rules("{r: {from: orders, user: " + rule + "}}");
        UserFact fact = switch (token) {
            case "ABSENT" -> new UserFact.Absent();
            case "EXPIRED" -> EXPIRED;
            default -> new UserFact.Verified(ALICE);
        };

        Decision decision = set.decide(call("orders", "POST", "/charges").as(fact), NOW);

        assertThat(decision.reason()).isEqualTo(reason);
        GivenFacts facts = call("orders", "POST", "/charges").as(fact);
        boolean named =
                decision instanceof Decision.Allow allow && allow.user(facts).isPresent();
        assertThat(named).isEqualTo(token.equals("GOOD") && reason == Reason.ALLOWED && !rule.equals("none"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Reason.class,
            names = {"TOKEN_.*"},
            mode = EnumSource.Mode.MATCH_ALL)
    void reasonOfABadTokenIsTheReasonOfTheDenial(Reason bad) {
        PolicySet set = Shop.rules("{r: {from: orders, user: required}}");

        assertThat(set.decide(call("orders", "POST", "/charges").as(new UserFact.Bad(bad)), NOW)
                        .reason())
                .isEqualTo(bad);
    }

    @Test
    void badTokenCannotCarryAReasonThatWouldHold() {
        assertThatIllegalArgumentException().isThrownBy(() -> new UserFact.Bad(Reason.ALLOWED));
        assertThatIllegalArgumentException().isThrownBy(() -> new UserFact.Bad(Reason.NO_ROUTE));
    }

    @Test
    void tokenIsLookedAtOnlyByARuleWhoseCallerHolds() {
        PolicySet set = Shop.rules("{a: {from: backoffice, user: required}, b: {from: web, user: none}}");
        RequestFacts untouchable = new Lazy(Facts.id("web"));

        assertThat(set.decide(untouchable, NOW).reason()).isEqualTo(Reason.ALLOWED);
        assertThat(set.decide(new Lazy(Facts.id("orders")), NOW).reason()).isEqualTo(Reason.CALLER_NOT_ALLOWED);
        assertThat(set.decide(new Lazy(Facts.id("backoffice")), NOW).reason()).isEqualTo(Reason.INTERNAL_ERROR);
    }

    /** A caller and a token that must never be looked at. */
    private record Lazy(SpiffeId id) implements RequestFacts {
        @Override
        public Optional<SpiffeId> caller() {
            return Optional.of(id);
        }

        @Override
        public String method() {
            return "POST";
        }

        @Override
        public String path() {
            return "/charges";
        }

        @Override
        public String host() {
            return "payment";
        }

        @Override
        public Optional<String> query() {
            return Optional.empty();
        }

        @Override
        public List<String> header(String name) {
            return List.of();
        }

        @Override
        public UserFact user() {
            throw new IllegalStateException("looked at");
        }
    }

    @Test
    void whateverBreaksInsideDenies() {
        PolicySet set = Shop.rules("{r: {from: any-mesh, user: required}}");
        Decision decision = set.decide(new Lazy(Facts.id("web")), NOW);

        assertThat(decision)
                .isEqualTo(new Decision.Deny(
                        Reason.INTERNAL_ERROR,
                        Optional.of(new Decision.MatchedRoute(
                                "payment/charge",
                                new RoutePolicy.Match.Http("POST", PathTemplate.parse("/charges")),
                                new Inputs(new java.util.TreeMap<>()))),
                        Optional.empty(),
                        Optional.empty()));
        assertThat(set.explain(new Lazy(Facts.id("web")), NOW).decision()).isEqualTo(decision);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "subject: alice                  | ALLOWED",
                "subject: Alice                  | CLAIM_MISMATCH",
                "anyRole: [a, customer]          | ALLOWED",
                "anyRole: [a, custom]            | ROLE_MISSING",
                "allRoles: [customer, buyer]     | ALLOWED",
                "allRoles: [customer, finance]   | ROLE_MISSING",
                "scopes: [read]                  | ALLOWED",
                "scopes: [read, write]           | SCOPE_MISSING",
                "claims: {dept: sales}           | ALLOWED",
                "claims: {dept: sale}            | CLAIM_MISMATCH",
                "claims: {amr: mfa}              | ALLOWED",
                "claims: {amr: mf}               | CLAIM_MISMATCH",
                "claims: {staff: true}           | ALLOWED",
                "claims: {staff: false}          | CLAIM_MISMATCH",
                "claims: {level: 3}              | ALLOWED",
                "claims: {level: 4}              | CLAIM_MISMATCH",
                "subject: alice, anyRole: x      | ROLE_MISSING",
                "subject: bob, anyRole: x        | CLAIM_MISMATCH",
            })
    void everythingInsideARuleMustHold(String condition, Reason reason) {
        PolicySet set = Shop.rules("{r: {from: orders, user: {issuer: shop, " + condition + "}}}");
        User user = user(
                "shop",
                "alice",
                List.of("customer", "buyer"),
                List.of("read"),
                Map.of("dept", "sales", "amr", List.of("pwd", "mfa"), "staff", true, "level", 3L));

        assertThat(set.decide(call("orders", "POST", "/charges").as(user), NOW).reason())
                .isEqualTo(reason);
        assertThat(set.decide(
                                call("orders", "POST", "/charges")
                                        .as(user("staff", "alice", user.roles(), user.scopes(), user.claims())),
                                NOW)
                        .reason())
                .isEqualTo(Reason.TOKEN_ISSUER);
    }

    @ParameterizedTest
    @CsvSource({"dept: sales", "amr: mfa", "staff: true", "level: 3"})
    void claimOfAnotherTypeOrAbsentNeverHolds(String claim) {
        PolicySet set = Shop.rules("{r: {from: orders, user: {issuer: shop, claims: {" + claim + "}}}}");
        List<Map<String, Object>> wrong = List.of(
                Map.of(),
                Map.of("dept", List.of("sales"), "amr", "mfa", "staff", "true", "level", "3"),
                Map.of("Dept", "sales", "AMR", List.of("mfa")));

        for (Map<String, Object> claims : wrong) {
            GivenFacts facts = call("orders", "POST", "/charges").as(user("shop", "a", List.of(), List.of(), claims));
            assertThat(set.decide(facts, NOW).reason()).isEqualTo(Reason.CLAIM_MISMATCH);
        }
    }

    @Test
    void proofThatOutlivedItsTokenOrItsIssuerIsBad() {
        PolicySet set = Shop.rules("{r: {from: orders, user: required}}");
        GivenFacts facts = call("orders", "POST", "/charges").as(ALICE);
        Duration skew = Duration.ofSeconds(30);

        assertThat(set.decide(facts, ALICE.expiresAt().plus(skew).minusMillis(1))
                        .reason())
                .isEqualTo(Reason.ALLOWED);
        assertThat(set.decide(facts, ALICE.expiresAt().plus(skew)).reason()).isEqualTo(Reason.TOKEN_EXPIRED);
        assertThat(set.decide(facts.as(user("gone", "a", List.of(), List.of(), Map.of())), NOW)
                        .reason())
                .isEqualTo(Reason.TOKEN_ISSUER);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{a: none, b: optional, c: required, d: '{issuer: shop}'} | d",
                "{a: none, b: optional, c: required}                      | c",
                "{a: none, b: optional}                                   | b",
                "{b: none, a: none}                                       | a",
                "{b: '{issuer: shop}', a: '{issuer: shop}'}               | a",
            })
    void ruleThatProvesMostGoverns(String rules, String governing) {
        String full = rules.replaceAll("(\\w): '?([^,}']*}?)'?", "$1: {from: orders, user: $2}");

        Decision decision =
                Shop.rules(full).decide(call("orders", "POST", "/charges").as(ALICE), NOW);

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Allow.class,
                        allow -> assertThat(allow.rule().orElseThrow().rule()).isEqualTo(governing));
    }

    @Test
    void reasonIsThatOfTheRuleThatGotFurthestThenFirstByName() {
        PolicySet set = Shop.rules("{a: {from: web, user: none}, b: {from: orders, user: {issuer: staff}}, "
                + "d: {from: orders, user: {issuer: shop, scopes: [write]}}, "
                + "c: {from: orders, user: {issuer: shop, anyRole: [finance]}}}");

        assertThat(set.decide(call("orders", "POST", "/charges").as(ALICE), NOW))
                .isEqualTo(deny(Reason.ROLE_MISSING, "c"));
        assertThat(set.decide(call("orders", "POST", "/charges"), NOW)).isEqualTo(deny(Reason.TOKEN_MISSING, "b"));
        assertThat(set.decide(call("payment", "POST", "/charges"), NOW))
                .isEqualTo(deny(Reason.CALLER_NOT_ALLOWED, "a"));
    }

    @Test
    void mostSpecificTemplateDecidesAlsoWhereItDenies() {
        PolicySet set = Shop.payment("{all: {match: GET /**, allow: {r: {from: any-mesh, user: none}}}, "
                + "item: {match: 'GET /items/{id}', allow: {r: {from: web, user: none}}}, "
                + "secret: {match: GET /items/secret, allow: {r: {from: backoffice, user: none}}}, "
                + "deep: {match: 'GET /items/{id}/x', allow: {r: {from: web, user: none}}}}");

        assertThat(route(set, "/items/secret")).isEqualTo("payment/secret");
        assertThat(set.decide(call("web", "GET", "/items/secret"), NOW).reason())
                .isEqualTo(Reason.CALLER_NOT_ALLOWED);
        assertThat(route(set, "/items/1")).isEqualTo("payment/item");
        assertThat(route(set, "/items/secret/x")).isEqualTo("payment/deep");
        assertThat(route(set, "/items/secret/y")).isEqualTo("payment/all");
        assertThat(route(set, "/items/")).isEqualTo("payment/all");
        assertThat(route(set, "/items")).isEqualTo("payment/all");
        assertThat(route(set, "/" + "a/".repeat(4000))).isEqualTo("payment/all");
    }

    private static String route(PolicySet set, String path) {
        return set.decide(call("web", "GET", path), NOW).route().orElseThrow().name();
    }

    private static Decision deny(Reason reason, String nearest) {
        return new Decision.Deny(
                reason,
                Optional.of(new Decision.MatchedRoute(
                        "payment/charge",
                        new RoutePolicy.Match.Http("POST", PathTemplate.parse("/charges")),
                        new Inputs(new java.util.TreeMap<>()))),
                Optional.of(new RuleRef("payment", "charge", nearest)),
                Optional.empty());
    }
}
