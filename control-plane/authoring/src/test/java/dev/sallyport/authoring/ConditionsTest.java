package dev.sallyport.authoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Guardrail;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Mesh.ClaimType;
import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import dev.sallyport.policy.When;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ConditionsTest {
    private static final String TEXT = """
            kind: RoutePolicy
            metadata: {name: payment}
            spec:
              routes:
                refund:
                  allow:
                    finance:
                      from: [backoffice]
                      when: the condition
            ---
            kind: Guardrail
            metadata: {name: card-data}
            spec:
              deny:
                late:
                  to: any-mesh
                  when: the condition
                  unlessWhen: the condition
            """;
    private static final UserRequirement OF_SHOP = new UserRequirement.Conditions(
            "shop", Optional.empty(), Set.of(), Set.of(), Set.of(), Map.of(), Optional.empty());
    private static final String VARIABLES = "/charges/{id}/refunds";

    private final Problems problems = new Problems();

    @Test
    void conditionOfARuleIsChecked() throws Exception {
        DocumentSet set = check(rule("user.claims.dept == 'a' && path.id != ''", OF_SHOP, VARIABLES), false);
        assertThat(problems.list()).isEmpty();
        assertThat(whenOf(set.policies())).get().satisfies(when -> {
            assertThat(when.source()).isEqualTo("user.claims.dept == 'a' && path.id != ''");
            assertThat(when.checked()).isPresent();
        });
    }

    @Test
    void conditionOfACandidateIsCheckedAsWell() throws Exception {
        DocumentSet set = check(rule("path.id != ''", OF_SHOP, VARIABLES), true);
        assertThat(whenOf(set.candidates()).flatMap(When::checked)).isPresent();
        check(rule("path.nope != ''", OF_SHOP, VARIABLES), true);
        assertThat(problems.list()).hasSize(1);
    }

    @Test
    void everythingElseOfTheSetIsKept() throws Exception {
        DocumentSet before = set(rule("true", OF_SHOP, VARIABLES), false, guardrail("true", "false", Optional.empty()));
        DocumentSet after = Conditions.check(before, places(), problems);
        assertThat(after.toString()).contains("checked=Optional[");
        assertThat(after.toString().replaceAll("checked=Optional\\[[^]]*]", "checked=Optional.empty"))
                .isEqualTo(before.toString());
    }

    @Test
    void problemStandsAtTheWhen() throws Exception {
        DocumentSet set = check(rule("user.claims.dep == 'a'\n && 1", OF_SHOP, VARIABLES), false);
        assertThat(problems.list())
                .extracting(Object::toString)
                .containsExactly(
                        "shop.yaml:9:11: SP0603 spec.routes.refund.allow.finance.when: at 1:12: user.claims.dep: unknown"
                                + " (did you mean user.claims.dept?)",
                        "shop.yaml:9:11: SP0601 spec.routes.refund.allow.finance.when: at 2:2: && of (bool, int): no such"
                                + " types (expected: (bool, bool))");
        assertThat(whenOf(set.policies()).flatMap(When::checked)).isEmpty();
    }

    @Test
    void userIsKnownWhereTheRuleProvesOne() throws Exception {
        assertThat(codes(rule("user.sub == 'a'", new UserRequirement.None(), "/a")))
                .containsExactly("SP0607");
        assertThat(codes(rule("user.sub == 'a'", new UserRequirement.OptionalUser(), "/a")))
                .containsExactly("SP0607");
        assertThat(codes(rule("user.sub == 'a'", new UserRequirement.Required(), "/a")))
                .isEmpty();
        assertThat(codes(rule("user.sub == 'a'", OF_SHOP, "/a"))).isEmpty();
    }

    /** {@code required} takes a token of any issuer: a claim that one of them does not declare, or declares otherwise, is known of none. */
    @Test
    void claimsOfRequiredAreThoseThatEveryIssuerDeclaresAlike() throws Exception {
        UserRequirement required = new UserRequirement.Required();
        assertThat(codes(rule("user.claims.dept == 'a'", required, "/a"))).isEmpty();
        assertThat(codes(rule("user.claims.level == 1", required, "/a"))).containsExactly("SP0603");
        assertThat(codes(rule("user.claims.level == 1", OF_SHOP, "/a"))).isEmpty();
        assertThat(codes(rule("'mfa' in user.claims.amr", required, "/a"))).containsExactly("SP0603");
    }

    @Test
    void variablesAreThoseThatEveryMatchHas() throws Exception {
        UserRequirement none = new UserRequirement.None();
        assertThat(codes(rule("path.id == 'a'", none, "/a/{id}", "/b/{x}/{id}")))
                .isEmpty();
        assertThat(codes(rule("path.x == 'a'", none, "/a/{id}", "/b/{x}/{id}"))).containsExactly("SP0603");
        assertThat(codes(rule("path.id == 'a'", none, "/a/{id}", "/a"))).containsExactly("SP0603");
    }

    @Test
    void guardrailKnowsAUserOnlyWhenAUserLiftsItAndNeverAVariable() throws Exception {
        assertThat(codes(guardrail("request.method == 'GET'", "user.sub == 'a'", Optional.empty())))
                .containsExactly("SP0607");
        assertThat(codes(guardrail("user.sub == 'a'", "user.claims.level > 1", Optional.of(OF_SHOP))))
                .isEmpty();
        assertThat(codes(guardrail(
                        "request.method == 'GET'", "user.sub == 'a'", Optional.of(new UserRequirement.OptionalUser()))))
                .containsExactly("SP0607");
        assertThat(codes(guardrail("path.id == 'a'", "true", Optional.empty()))).containsExactly("SP0603");
    }

    @Test
    void problemOfAGuardrailStandsAtItsOwnKey() throws Exception {
        Conditions.check(
                set(rule("true", OF_SHOP, "/a"), false, guardrail("1", "2", Optional.empty())), places(), problems);
        assertThat(problems.list())
                .extracting(problem -> problem.location() + " " + problem.path())
                .containsExactly("shop.yaml:17:7 spec.deny.late.when", "shop.yaml:18:7 spec.deny.late.unlessWhen");
    }

    private List<String> codes(RoutePolicy.Route route) throws Exception {
        Problems own = new Problems();
        Conditions.check(set(route, false, guardrail("true", "true", Optional.empty())), places(), own);
        return own.list().stream().map(problem -> problem.code()).toList();
    }

    private List<String> codes(Guardrail guardrail) throws Exception {
        Problems own = new Problems();
        Conditions.check(set(rule("true", OF_SHOP, "/a"), false, guardrail), places(), own);
        return own.list().stream().map(problem -> problem.code()).toList();
    }

    private DocumentSet check(RoutePolicy.Route route, boolean candidate) throws Exception {
        return Conditions.check(set(route, candidate, guardrail("true", "true", Optional.empty())), places(), problems);
    }

    private static Places places() {
        return new Places(List.of(new Source("shop.yaml", TEXT)));
    }

    private static DocumentSet set(RoutePolicy.Route route, boolean candidate, Guardrail guardrail) throws Exception {
        RoutePolicy policy = new RoutePolicy(
                "payment",
                "payment",
                Optional.of("team-pay"),
                candidate,
                Optional.empty(),
                new TreeMap<>(Map.of("refund", route)));
        Mesh mesh = new Mesh(
                "shop",
                TrustDomain.parse("shop.example"),
                Optional.empty(),
                new TreeMap<>(Map.of(
                        "shop",
                        issuer("shop", Map.of("dept", ClaimType.STRING, "level", ClaimType.INT)),
                        "staff",
                        issuer(
                                "staff",
                                Map.of(
                                        "dept",
                                        ClaimType.STRING,
                                        "level",
                                        ClaimType.STRING,
                                        "amr",
                                        ClaimType.STRINGS)))),
                new TreeMap<>(),
                new TreeMap<>());
        Map<String, RoutePolicy> policies = Map.of("payment", policy);
        return new DocumentSet(
                mesh,
                new TreeMap<>(candidate ? Map.of() : policies),
                new TreeMap<>(candidate ? policies : Map.of()),
                new TreeMap<>(Map.of("card-data", guardrail)));
    }

    private static Mesh.Issuer issuer(String name, Map<String, ClaimType> claims) {
        return new Mesh.Issuer(
                name,
                "https://" + name + ".example",
                List.of("api"),
                List.of("ES256"),
                Optional.empty(),
                "roles",
                "scope",
                Duration.ZERO,
                Optional.empty(),
                claims);
    }

    private static RoutePolicy.Route rule(String when, UserRequirement user, String... templates) {
        RoutePolicy.Rule rule = new RoutePolicy.Rule(
                "finance",
                new RoutePolicy.Callers(true, Set.of(), List.of("any-mesh")),
                user,
                List.of(),
                Optional.of(new When(when, Optional.empty())),
                Optional.empty(),
                Optional.empty(),
                false,
                false,
                false);
        return new RoutePolicy.Route(
                "refund",
                List.of(templates).stream()
                        .<Match>map(template -> new Match.Http("POST", PathTemplate.parse(template)))
                        .toList(),
                new TreeSet<>(),
                List.of(),
                Optional.empty(),
                RoutePolicy.AuditMode.BUFFERED,
                Optional.empty(),
                new TreeMap<>(),
                new TreeMap<>(Map.of("finance", rule)));
    }

    private static Guardrail guardrail(String when, String unlessWhen, Optional<UserRequirement> unlessUser) {
        Guardrail.Denial denial = new Guardrail.Denial(
                "late",
                new Guardrail.Targets(true, new TreeSet<>()),
                List.of(),
                Optional.empty(),
                Optional.of(new When(when, Optional.empty())),
                Optional.empty(),
                unlessUser,
                List.of(),
                Optional.of(new When(unlessWhen, Optional.empty())));
        return new Guardrail("card-data", Optional.empty(), false, new TreeMap<>(Map.of("late", denial)));
    }

    private static Optional<When> whenOf(Map<String, RoutePolicy> policies) {
        return Optional.ofNullable(policies.get("payment"))
                .map(RoutePolicy::routes)
                .map(routes -> routes.get("refund"))
                .map(RoutePolicy.Route::allow)
                .map(rules -> rules.get("finance"))
                .flatMap(RoutePolicy.Rule::when);
    }
}
