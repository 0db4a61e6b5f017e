package dev.sallyport.authoring.diff;

import static dev.sallyport.authoring.diff.Documented.MESH;
import static dev.sallyport.authoring.diff.Documented.NOW;
import static dev.sallyport.authoring.diff.Documented.guardrail;
import static dev.sallyport.authoring.diff.Documented.payment;
import static dev.sallyport.authoring.diff.Documented.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.sallyport.authoring.diff.Change.Kind;
import dev.sallyport.policy.DocumentSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyDiffTest {
    private static final String CHARGE = "{charge: {match: POST /charges, allow: {a: {from: %s, user: %s}}}}";

    private static final String VOUCHED =
            MESH.replace("claims: {dept: string}", "claims: {dept: string}, verifiedBy: [web]");

    @Test
    void sameSetChangesNothing() {
        DocumentSet set = payment(CHARGE.formatted("[orders]", "required"));

        assertThat(PolicyDiff.between(set, set, NOW)).isEmpty();
    }

    @Test
    void newCallerIsNewlyAllowedAndTheOneThatWentIsNewlyDenied() {
        List<Change> changes = PolicyDiff.between(
                payment(CHARGE.formatted("[orders]", "none")), payment(CHARGE.formatted("[web]", "none")), NOW);

        assertThat(changes)
                .containsExactlyInAnyOrder(
                        new Change(
                                Kind.NEWLY_DENIED,
                                List.of("orders"),
                                "orders → payment POST /charges",
                                "no more by rule payment/charge/a (user none)",
                                false),
                        new Change(
                                Kind.NEWLY_ALLOWED,
                                List.of("web"),
                                "web → payment POST /charges",
                                "by rule payment/charge/a (user none)",
                                true));
    }

    /** What a rule demands before and after; a word that the proof does not know makes it widening. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "none                                    | optional                                | NARROWED",
                "optional                                | required                                | NARROWED",
                "required                                | {issuer: shop}                          | NARROWED",
                "{issuer: shop}                          | {issuer: shop, subject: a}              | NARROWED",
                "{issuer: shop, anyRole: [a, b]}         | {issuer: shop, anyRole: [a]}            | NARROWED",
                "{issuer: shop, anyRole: [a, b]}         | {issuer: shop, allRoles: [b, c]}        | NARROWED",
                "{issuer: shop, allRoles: [a]}           | {issuer: shop, allRoles: [a, b]}        | NARROWED",
                "{issuer: shop, scopes: [a]}             | {issuer: shop, scopes: [a, b]}          | NARROWED",
                "{issuer: shop}                          | {issuer: shop, claims: {dept: x}}       | NARROWED",
                "{issuer: shop, maxTokenAge: 5m}         | {issuer: shop, maxTokenAge: 4m}         | NARROWED",
                "{issuer: shop, maxTokenAge: 5m}         | {issuer: shop, maxTokenAge: 6m}         | WIDENED",
                "{issuer: shop, maxTokenAge: 5m}         | {issuer: shop}                          | WIDENED",
                "optional                                | none                                    | WIDENED",
                "required                                | optional                                | WIDENED",
                "{issuer: shop}                          | required                                | WIDENED",
                "{issuer: shop, anyRole: [a]}            | {issuer: shop, anyRole: [a, b]}         | WIDENED",
                "{issuer: shop, anyRole: [a]}            | {issuer: shop}                          | WIDENED",
                "{issuer: shop, subject: a}              | {issuer: shop, subject: b}              | WIDENED",
                "{issuer: shop, claims: {dept: x}}       | {issuer: shop, claims: {dept: y}}       | WIDENED",
                "{issuer: shop, allRoles: [a, b]}        | {issuer: shop, anyRole: [a, b]}         | WIDENED",
                "{issuer: shop, via: {from: [web, orders], maxHops: 2}} | {issuer: shop, via: {from: [web], maxHops: 2}}         | NARROWED",
                "{issuer: shop, via: {from: [web], maxHops: 2}}         | {issuer: shop, via: {from: [web], maxHops: 1}}         | NARROWED",
                "{issuer: shop, via: {from: [web], maxHops: 2}}         | {issuer: shop, subject: a, via: {from: [web], maxHops: 2}} | NARROWED",
                "none                                                   | {issuer: shop, via: {from: [web], maxHops: 2}}         | NARROWED",
                "{issuer: shop}                                         | {issuer: shop, via: {from: [web], maxHops: 1}}         | WIDENED",
                "{issuer: shop, via: {from: [web], maxHops: 1}}         | {issuer: shop}                                         | WIDENED",
                "required                                               | {issuer: shop, via: {from: [web], maxHops: 1}}         | WIDENED",
                "optional                                               | {issuer: shop, via: {from: [web], maxHops: 1}}         | WIDENED",
                "{issuer: shop, via: {from: [web], maxHops: 2}}         | {issuer: shop, via: {from: [web, orders], maxHops: 2}} | WIDENED",
                "{issuer: shop, via: {from: [web], maxHops: 2}}         | {issuer: shop, via: {from: [web], maxHops: 3}}         | WIDENED",
            })
    void demandsAreComparedByProof(String before, String after, Kind kind) {
        List<Change> changes = PolicyDiff.between(
                set(VOUCHED, CHARGE.formatted("[orders]", before)),
                set(VOUCHED, CHARGE.formatted("[orders]", after)),
                NOW);

        assertThat(changes).hasSize(1);
        assertThat(changes.getFirst().kind()).isEqualTo(kind);
        assertThat(changes.getFirst().widening()).isEqualTo(kind == Kind.WIDENED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                              | ', headers: {x: a}'         | NARROWED",
                "', headers: {x: [a, b]}'        | ', headers: {x: a}'         | NARROWED",
                "', headers: {x: a}'             | ', headers: {x: [a, b]}'    | WIDENED",
                "', headers: {x: a}'             | ', headers: {y: a}'         | WIDENED",
                "', headers: {x: a}'             | ', query: {x: a}'           | WIDENED",
                "''                              | ', expires: 2027-01-01'     | NARROWED",
                "', expires: 2027-01-01'         | ', expires: 2027-01-02'     | WIDENED",
                "', forwardToken: true'          | ', forwardToken: false'     | NARROWED",
                "''                              | ', forwardToken: true'      | WIDENED",
                "''                              | ', when: \"true\"'        | NARROWED",
                "', when: \"true\"'            | ''                          | WIDENED",
                "', when: \"user.sub == ''a''\"' | ', when: \"user.sub == ''b''\"' | WIDENED",
            })
    void everythingElseInARuleIsComparedToo(String before, String after, Kind kind) {
        List<Change> changes = PolicyDiff.between(
                payment(CHARGE.formatted("[orders]", "required" + before)),
                payment(CHARGE.formatted("[orders]", "required" + after)),
                NOW);

        assertThat(changes).extracting(Change::kind).containsExactly(kind);
    }

    @Test
    void routeThatTakesRequestsFromAnotherIsSeenWhereItTakesThem() {
        DocumentSet before = payment("{all: {match: 'GET /items/**', allow: {a: {from: [orders], user: none}}}}");
        DocumentSet after = payment("{all: {match: 'GET /items/**', allow: {a: {from: [orders], user: none}}}, "
                + "one: {match: 'GET /items/{id}', allow: {a: {from: [web], user: none}}}}");

        assertThat(PolicyDiff.between(before, after, NOW))
                .extracting(Change::kind, Change::subject)
                .containsExactlyInAnyOrder(
                        tuple(Kind.NEWLY_DENIED, "orders → payment GET /items/{id}"),
                        tuple(Kind.NEWLY_ALLOWED, "web → payment GET /items/{id}"));
    }

    @Test
    void crossingTemplatesOfTheTwoSetsAreComparedWhereTheyCross() {
        DocumentSet before = payment("{a: {match: 'GET /a/{x}', allow: {a: {from: [orders], user: none}}}}");
        DocumentSet after = payment("{a: {match: 'GET /{x}/b', allow: {a: {from: [orders], user: none}}}}");

        assertThat(PolicyDiff.between(before, after, NOW))
                .extracting(Change::subject)
                .containsExactlyInAnyOrder("orders → payment GET /a/{x}", "orders → payment GET /{x}/b");
    }

    @Test
    void guardrailThatGoesWidensAndOneThatComesDoesNot() {
        String routes = CHARGE.formatted("[orders, web]", "none");
        String rail = guardrail("{others: {to: [payment], unlessFrom: [orders]}}");

        assertThat(PolicyDiff.between(payment(routes, rail), payment(routes), NOW))
                .extracting(Change::subject, Change::widening)
                .containsExactly(tuple("guardrail rail/others", true), tuple("web → payment POST /charges", true));
        assertThat(PolicyDiff.between(payment(routes), payment(routes, rail), NOW))
                .extracting(Change::widening)
                .containsOnly(false);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "audiences: [shop-api]          | audiences: [shop-api, x]                    | issuer shop",
                "sa/web                         | sa/front                                    | service web",
                "trustDomain: shop.example      | 'trustDomain: shop.example\n  mode: observe\n  until: 2027-01-01' | mode: observe of mesh",
            })
    void whatDecidesWhoIsWhomIsAlwaysWidening(String text, String other, String subject) {
        String routes = CHARGE.formatted("[orders]", "none");
        List<Change> changes = PolicyDiff.between(payment(routes), set(MESH.replace(text, other), routes), NOW);

        assertThat(changes)
                .extracting(Change::kind, Change::subject, Change::widening)
                .contains(tuple(Kind.SETTING, subject, true));
    }

    @Test
    void hopTokensAreToldInWords() {
        assertThat(PolicyDiff.between(
                        set(VOUCHED, CHARGE.formatted("[orders]", "{issuer: shop}")),
                        set(VOUCHED, CHARGE.formatted("[orders]", "{issuer: shop, via: {from: [web], maxHops: 2}}")),
                        NOW))
                .extracting(Change::detail)
                .containsExactly("before by rule payment/charge/a (user shop); now by rule payment/charge/a"
                        + " (user shop via [web] in at most 2 hops)");
    }

    @Test
    void whatGoesOnUnverifiedIsWidening() {
        String passes = "{charge: {match: POST /charges, allow: {a: {from: [orders], user: none%s}}}}";

        assertThat(PolicyDiff.between(
                        payment(passes.formatted("")), payment(passes.formatted(", forwardUnverified: true")), NOW))
                .extracting(Change::kind, Change::detail)
                .containsExactly(tuple(
                        Kind.WIDENED,
                        "before by rule payment/charge/a (user none); now by rule payment/charge/a (user none,"
                                + " forwardUnverified)"));
        assertThat(PolicyDiff.between(
                        payment(passes.formatted(", forwardUnverified: true")), payment(passes.formatted("")), NOW))
                .extracting(Change::kind)
                .containsExactly(Kind.NARROWED);
    }

    /** The rule that is gone governed where it held, and handed nothing on. */
    @Test
    void ruleThatComesToGovernMayHandOnWhatNobodyLookedAt() {
        String both =
                "{charge: {match: POST /charges, allow: {a: {from: [orders], user: none, forwardUnverified: true},"
                        + " b: {from: [orders], user: required}}}}";
        String one =
                "{charge: {match: POST /charges, allow: {a: {from: [orders], user: none, forwardUnverified: true}}}}";

        assertThat(PolicyDiff.between(payment(both), payment(one), NOW))
                .extracting(Change::widening)
                .containsExactly(true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                       | 'relax: {8080: {encodedSlash: data}}'           | relax of payment 8080 | encodedSlash passes from now on | true",
                "'relax: {8080: {encodedSlash: data}}'    | ''                                              | relax of payment 8080 | encodedSlash passes no more | false",
                "''                                       | 'relax: {8080: {emptySegments: data}}'          | relax of payment 8080 | emptySegments passes from now on | true",
                "''                                       | 'relax: {8080: {matrixParameters: data}}'       | relax of payment 8080 | matrixParameters passes from now on | true",
                "'relax: {8080: {overrideHeaders: x-host}}' | 'relax: {8080: {overrideHeaders: [x-host, forwarded]}}' | relax of payment 8080 | header forwarded passes from now on | true",
                "'relax: {8080: {overrideHeaders: [x-host, forwarded]}}' | 'relax: {8080: {overrideHeaders: x-host}}' | relax of payment 8080 | header forwarded passes no more | false",
                "''                                       | 'paths: {case: sensitive}'                      | paths of payment | before case insensitive, trailingSlash ignored; now case sensitive, trailingSlash ignored | true",
                "'paths: {trailingSlash: significant}'    | ''                                              | paths of payment | before case insensitive, trailingSlash significant; now case insensitive, trailingSlash ignored | true",
            })
    void whatAPortLetsThroughAndHowPathsAreReadIsToldOnce(
            String before, String after, String subject, String detail, boolean widening) {
        String routes = CHARGE.formatted("[orders]", "none");
        List<Change> changes = PolicyDiff.between(
                set(MESH.replace("{8080: http}", "{8080: http}, " + before).replace(", }", "}"), routes),
                set(MESH.replace("{8080: http}", "{8080: http}, " + after).replace(", }", "}"), routes),
                NOW);

        assertThat(changes).containsExactly(new Change(Kind.SETTING, List.of(), subject, detail, widening));
    }

    /** {@code //b} is a path of the second set only, once a port lets it through. */
    @Test
    void emptySegmentsThatAPortRelaxesAreRequestsToo() {
        String rules = "allow: {a: {from: [orders], user: none}}}}";
        String parts = "{all: {match: [GET /, 'GET /{x}', 'GET /{x}/', 'GET /{x}/**'], " + rules;
        String whole = "{all: {match: [GET /, 'GET /**'], " + rules;
        String relaxed = MESH.replace("{8080: http}", "{8080: http}, relax: {8080: {emptySegments: data}}");

        assertThat(PolicyDiff.between(payment(parts), payment(whole), NOW)).isEmpty();
        assertThat(PolicyDiff.between(set(relaxed, parts), set(relaxed, whole), NOW))
                .extracting(Change::kind, Change::subject)
                .containsExactly(tuple(Kind.NEWLY_ALLOWED, "orders → payment GET /**"));
    }

    @Test
    void newServiceThatRelaxesSomethingWidens() {
        String routes = CHARGE.formatted("[orders]", "none");
        String more =
                "    fresh: {identity: spiffe://shop.example/sa/fresh, ports: {80: http}, relax: {80: {emptySegments: data}}}\n";

        assertThat(PolicyDiff.between(payment(routes), set(MESH + more, routes), NOW))
                .extracting(Change::subject, Change::widening)
                .containsExactly(tuple("service fresh", false), tuple("relax of fresh 80", true));
        assertThat(PolicyDiff.between(set(MESH + more, routes), payment(routes), NOW))
                .extracting(Change::subject, Change::widening)
                .containsExactly(tuple("service fresh", false));
    }

    @Test
    void limitAndAuditOfARouteAreAlwaysWidening() {
        String before =
                "{charge: {match: POST /charges, limit: {rate: 5/s, per: caller}, allow: {a: {from: [orders], user: none}}}}";

        assertThat(PolicyDiff.between(payment(before), payment(before.replace("5/s", "4/s")), NOW))
                .extracting(Change::subject, Change::widening)
                .containsExactly(tuple("limit of payment POST /charges", true));
    }

    @Test
    void routeThatIsSplitHasTwoLimits() {
        String rest = ", limit: {rate: 5/s, per: caller}, allow: {a: {from: [orders], user: none}}}";
        String one = "{a: {match: [POST /a, POST /b]" + rest + "}";
        String two = "{a: {match: [POST /a]" + rest + ", b: {match: [POST /b]" + rest + "}";

        assertThat(PolicyDiff.between(payment(one), payment(two), NOW))
                .extracting(Change::subject, Change::widening)
                .containsExactly(tuple("limit of payment POST /b", true));
    }

    @Test
    void ruleInDryRunGrantsNothingHereEither() {
        String rule = CHARGE.formatted("[orders]", "none, mode: dryRun");

        assertThat(PolicyDiff.between(payment(CHARGE.formatted("[orders]", "none")), payment(rule), NOW))
                .extracting(Change::kind)
                .containsExactly(Kind.NEWLY_DENIED);
    }

    @Test
    void sameConditionOnAnotherSegmentIsAnother() {
        String route =
                "{r: {match: 'GET /tenants/{%s}/users/{%s}', allow: {a: {from: [orders], user: required, when: \"path.tenant == user.sub\"}}}}";

        assertThat(PolicyDiff.between(
                        payment(route.formatted("tenant", "user")), payment(route.formatted("user", "tenant")), NOW))
                .extracting(Change::kind)
                .containsOnly(Kind.WIDENED)
                .isNotEmpty();
    }

    @Test
    void ruleThatForwardsTokensAndGovernsAnewIsWidening() {
        String both =
                "{charge: {match: POST /charges, allow: {a: {from: [orders], user: required}, b: {from: [orders], user: optional, forwardToken: true}}}}";
        String one =
                "{charge: {match: POST /charges, allow: {b: {from: [orders], user: optional, forwardToken: true}}}}";

        assertThat(PolicyDiff.between(payment(both), payment(one), NOW))
                .extracting(Change::kind)
                .containsExactly(Kind.WIDENED);
        assertThat(PolicyDiff.between(payment(one), payment(one), NOW)).isEmpty();
    }

    @Test
    void guardrailThatMeetsASampleByChanceHidesNothing() {
        String rail = guardrail("{x: {to: [payment], match: [/any, '/ANY-/**']}}");
        String route = "{r: {match: 'GET /{id}', allow: {a: {from: [%s], user: none}}}}";

        assertThat(PolicyDiff.between(
                        payment(route.formatted("orders"), rail), payment(route.formatted("orders, web"), rail), NOW))
                .extracting(Change::kind, Change::callers)
                .containsExactly(tuple(Kind.NEWLY_ALLOWED, List.of("web")));
    }

    @Test
    void newServiceWidensWhileModeObserveLasts() {
        String routes = CHARGE.formatted("[orders]", "none");
        String observed = MESH.replace(
                "trustDomain: shop.example", "trustDomain: shop.example\n  mode: observe\n  until: 2027-01-01");
        String more = "    fresh: {identity: spiffe://shop.example/sa/fresh}\n";

        assertThat(PolicyDiff.between(payment(routes), set(MESH + more, routes), NOW))
                .extracting(Change::subject, Change::widening)
                .containsExactly(tuple("service fresh", false));
        assertThat(PolicyDiff.between(set(observed, routes), set(observed + more, routes), NOW))
                .extracting(Change::subject, Change::widening)
                .containsExactly(tuple("service fresh", true));
    }
}
