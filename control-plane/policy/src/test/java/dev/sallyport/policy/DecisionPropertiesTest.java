package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.Decision.Allow;
import dev.sallyport.policy.Decision.Deny;
import dev.sallyport.policy.Guardrail.Denial;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What must hold of every policy and every request, whatever the answer is. */
class DecisionPropertiesTest {
    private static final int POLICIES = Boolean.getBoolean("sallyport.soak") ? 50_000 : 1_000;
    private static final int REQUESTS_PER_POLICY = 100;

    private final long seed = Long.getLong("sallyport.seed", System.nanoTime());

    @Test
    void anotherDenialNeverWidens() {
        everywhere((dice, policies) -> {
            DocumentSet set = policies.set();
            Guardrail more = policies.guardrail("g1", false);
            SortedMap<String, Denial> denials = new TreeMap<>(more.deny());
            Optional.ofNullable(set.guardrails().get("g1"))
                    .filter(guardrail -> !guardrail.dryRun())
                    .ifPresent(guardrail -> denials.putAll(guardrail.deny()));
            Guardrail together = new Guardrail("g1", Optional.empty(), false, denials);
            return differences(dice, set, Edits.guarded(set, together), (_, is) -> is.reason() == Reason.GUARDRAIL);
        });
    }

    @Test
    void fewerRulesNeverAllowMore() {
        everywhere((dice, policies) -> {
            DocumentSet set = policies.enforced().set();
            return differences(dice, set, Edits.withoutFirstRules(set), (was, is) -> !denies(was) || denies(is));
        });
    }

    @Test
    void whatIsInDryRunDecidesNothing() {
        everywhere((dice, policies) -> {
            DocumentSet set = policies.set();
            DocumentSet live = Edits.withoutDryRun(set);
            differences(dice, set, live, Object::equals);
            return live.equals(set) ? 0 : 1;
        });
    }

    @Test
    void shadowIsTheDecisionOnceAllIsLive() {
        everywhere((dice, policies) -> {
            DocumentSet set = policies.set();
            PolicySet tried = PolicySet.compile(set, RandomPolicies.SERVICE);
            PolicySet promoted = PolicySet.compile(Edits.promoted(set), RandomPolicies.SERVICE);
            RandomRequests requests = new RandomRequests(dice, set);
            int shadows = 0;
            for (int i = 0; i < REQUESTS_PER_POLICY; i++) {
                RequestFacts facts = requests.next();
                Decision once = withoutInputs(promoted.decide(facts, Facts.NOW));
                Optional<Decision> shadow = tried.shadow(facts, Facts.NOW).map(DecisionPropertiesTest::withoutInputs);
                shadows += shadow.isPresent() ? 1 : 0;
                assertThat(shadow.orElse(once)).as(() -> about(facts, set)).isEqualTo(once);
            }
            return shadows;
        });
    }

    /** A sidecar gets only what concerns its service, an author has everything: both decide alike. */
    @Test
    void whatConcernsOtherServicesDecidesNothing() {
        everywhere((dice, policies) -> {
            DocumentSet set = policies.set();
            DocumentSet own = set.concerning(RandomPolicies.SERVICE);
            PolicySet all = PolicySet.compile(set, RandomPolicies.SERVICE);
            PolicySet some = PolicySet.compile(own, RandomPolicies.SERVICE);
            RandomRequests requests = new RandomRequests(dice, set);
            for (int i = 0; i < REQUESTS_PER_POLICY; i++) {
                RequestFacts facts = requests.next();
                assertThat(some.decide(facts, Facts.NOW))
                        .as(() -> about(facts, set))
                        .isEqualTo(all.decide(facts, Facts.NOW));
                assertThat(some.shadow(facts, Facts.NOW))
                        .as(() -> about(facts, set))
                        .isEqualTo(all.shadow(facts, Facts.NOW));
            }
            return own.equals(set) ? 0 : 1;
        });
    }

    /** A token that is refused or gone, a header that is gone, repeated or unreadable, a query that parsers read differently. */
    @Test
    void badFactNeverWidensAGuardrail() {
        everywhere((dice, policies) -> {
            DocumentSet set = policies.guardrailsAlone();
            PolicySet compiled = PolicySet.compile(set, RandomPolicies.SERVICE);
            RandomRequests requests = new RandomRequests(dice, set);
            int denied = 0;
            for (int i = 0; i < REQUESTS_PER_POLICY; i++) {
                GivenFacts good = requests.request(Optional.of(Facts.id(dice.pick(RandomPolicies.SERVICES))));
                if (compiled.decide(good, Facts.NOW).reason() == Reason.GUARDRAIL) {
                    denied++;
                    for (GivenFacts bad : spoiled(good, set.mesh())) {
                        assertThat(compiled.decide(bad, Facts.NOW).reason())
                                .as(() -> good + " became " + about(bad, set))
                                .isEqualTo(Reason.GUARDRAIL);
                    }
                }
            }
            return denied;
        });
    }

    /** Not without a token, though: a rule may be for those who have none. */
    @Test
    void badTokenAllowsNothingThatAGoodOneDoesNot() {
        everywhere((dice, policies) -> {
            DocumentSet set = policies.set();
            PolicySet compiled = PolicySet.compile(set, RandomPolicies.SERVICE);
            RandomRequests requests = new RandomRequests(dice, set);
            int denied = 0;
            for (int i = 0; i < REQUESTS_PER_POLICY; i++) {
                GivenFacts good = requests.request(Optional.of(Facts.id(dice.pick(RandomPolicies.SERVICES))));
                if (denies(compiled.decide(good, Facts.NOW))) {
                    for (GivenFacts bad : badTokens(good)) {
                        denied++;
                        assertThat(denies(compiled.decide(bad, Facts.NOW)))
                                .as(() -> good + " became " + about(bad, set))
                                .isTrue();
                    }
                }
            }
            return denied;
        });
    }

    @Test
    void viaMakesNoDifferenceToARequestWithoutAHopToken() {
        everywhere((dice, policies) -> {
            DocumentSet set = policies.set();
            DocumentSet without = Edits.withoutVia(set);
            PolicySet some = PolicySet.compile(set, RandomPolicies.SERVICE);
            PolicySet none = PolicySet.compile(without, RandomPolicies.SERVICE);
            RandomRequests requests = new RandomRequests(dice, set);
            for (int i = 0; i < REQUESTS_PER_POLICY; i++) {
                GivenFacts facts = requests.request(Optional.of(Facts.id(dice.pick(RandomPolicies.SERVICES))))
                        .carrying(new UserFact.Absent());
                Decision with = some.decide(facts, Facts.NOW);
                assertThat(withoutHops(with))
                        .as(() -> about(facts, set))
                        .isEqualTo(withoutHops(none.decide(facts, Facts.NOW)));
                assertThat(user(with, facts))
                        .as(() -> about(facts, set))
                        .isEqualTo(user(none.decide(facts, Facts.NOW), facts));
            }
            return without.equals(set) ? 0 : 1;
        });
    }

    /** But for the two users whom no rule believes. */
    @Test
    void hopTokenMakesNoDifferenceWithoutVia() {
        everywhere((dice, policies) -> {
            DocumentSet set = Edits.withoutVia(policies.enforced().set());
            PolicySet compiled = PolicySet.compile(set, RandomPolicies.SERVICE);
            RandomRequests requests = new RandomRequests(dice, set);
            int carried = 0;
            for (int i = 0; i < REQUESTS_PER_POLICY; i++) {
                GivenFacts facts = requests.request(Optional.of(Facts.id(dice.pick(RandomPolicies.SERVICES))));
                Decision is = compiled.decide(facts, Facts.NOW);
                Decision alone = compiled.decide(facts.carrying(new UserFact.Absent()), Facts.NOW);
                carried += facts.carriedUser() instanceof UserFact.Verified ? 1 : 0;
                if (!twoUsers(facts)) {
                    assertThat(is).as(() -> about(facts, set)).isEqualTo(alone);
                } else {
                    assertThat(denies(is) || is.equals(alone) || !denies(alone))
                            .as(() -> about(facts, set))
                            .isTrue();
                }
            }
            return carried;
        });
    }

    private static boolean twoUsers(GivenFacts facts) {
        return facts.user() instanceof UserFact.Verified(User own)
                && facts.carriedUser() instanceof UserFact.Verified(User other)
                && !own.isSameAs(other);
    }

    private static Optional<User> user(Decision decision, RequestFacts facts) {
        return decision instanceof Allow allow ? allow.user(facts) : Optional.empty();
    }

    private static Decision withoutHops(Decision decision) {
        return decision
                        instanceof
                        Allow(var rule, var route, var proof, var forward, var limit, var audit, var observed)
                ? new Allow(
                        rule,
                        route,
                        proof == Decision.Proof.OWN_OR_HOP_TOKEN ? Decision.Proof.OWN_TOKEN : proof,
                        forward,
                        limit,
                        audit,
                        observed)
                : decision;
    }

    /** Of two users neither is a good fact. */
    private static List<GivenFacts> badTokens(GivenFacts good) {
        List<GivenFacts> bad = new ArrayList<>();
        for (UserFact fact : List.of(new UserFact.Bad(Reason.TOKEN_EXPIRED), new UserFact.Unjudged())) {
            bad.add(good.as(fact));
            if (!twoUsers(good)) {
                bad.add(good.carrying(fact));
            }
        }
        return bad;
    }

    /** Each good fact in turn; what is bad already may be read in another way. */
    private static List<GivenFacts> spoiled(GivenFacts good, Mesh mesh) {
        List<GivenFacts> bad = new ArrayList<>(badTokens(good));
        if (!NaiveUser.bad(mesh, good, Facts.NOW)) {
            bad.add(good.carrying(new UserFact.Absent()));
        }
        if (!(good.carriedUser() instanceof UserFact.Verified)) { // Another proof, which may have other roles.
            bad.add(good.as(new UserFact.Absent()));
        }
        good.headers().forEach((name, values) -> {
            if (values.size() == 1 && values.getFirst().matches("[ -~]*")) {
                String value = values.getFirst();
                List.of(List.<String>of(), List.of(value, value), List.of(value, "a"), List.of(value + "\u00e9"))
                        .forEach(spoiled -> bad.add(good.with(replaced(good.headers(), name, spoiled))));
            }
        });
        good.query()
                .filter(query -> query.matches("[a-z]+=[a-z]*"))
                .ifPresent(query -> List.of("", query + ";", query + "&m=p&m=p", query + "&%6D=p", query + "&x=%")
                        .forEach(spoiled -> bad.add(good.asking(spoiled))));
        return bad;
    }

    private static Map<String, List<String>> replaced(
            Map<String, List<String>> headers, String name, List<String> values) {
        Map<String, List<String>> replaced = new TreeMap<>(headers);
        replaced.put(name, values);
        return replaced;
    }

    /** Whichever fact breaks, there is an answer, and it allows nothing that the facts would not have allowed. */
    @Test
    void factThatThrowsNeverWidens() {
        everywhere((dice, policies) -> {
            DocumentSet set = policies.set();
            PolicySet compiled = PolicySet.compile(set, RandomPolicies.SERVICE);
            RandomRequests requests = new RandomRequests(dice, set);
            int broken = 0;
            for (int i = 0; i < REQUESTS_PER_POLICY; i++) {
                RequestFacts facts = requests.next();
                BrokenFacts.Accessor accessor = dice.pick(List.of(BrokenFacts.Accessor.values()));
                Decision was = compiled.decide(facts, Facts.NOW);
                BrokenFacts less = new BrokenFacts(facts, accessor);
                Decision is = compiled.decide(less, Facts.NOW);
                broken += is.equals(was) ? 0 : 1;
                assertThat(denies(is) || !denies(was))
                        .as(() -> "%s of %s: %s became %s".formatted(accessor, about(facts, set), was, is))
                        .isTrue();
                assertThat(compiled.explain(less, Facts.NOW).decision())
                        .as(() -> accessor + " " + about(facts, set))
                        .isEqualTo(is);
                compiled.shadow(less, Facts.NOW)
                        .ifPresent(shadow -> assertThat(shadow.reason()).isNotNull());
            }
            return broken;
        });
    }

    private interface Property {
        /** Of one random policy; how often the property had something to say. */
        int check(Dice dice, RandomPolicies policies);
    }

    private void everywhere(Property property) {
        int times = IntStream.range(0, POLICIES)
                .parallel()
                .map(policy -> {
                    Dice dice = Dice.of(seed + policy);
                    return property.check(dice, new RandomPolicies(dice));
                })
                .sum();
        assertThat(times).as("seed %d", seed).isGreaterThan(POLICIES / 10);
    }

    /** How often the two decide differently; each difference must be one that is meant. */
    private static int differences(
            Dice dice, DocumentSet before, DocumentSet after, BiPredicate<Decision, Decision> meant) {
        PolicySet old = PolicySet.compile(before, RandomPolicies.SERVICE);
        PolicySet young = PolicySet.compile(after, RandomPolicies.SERVICE);
        RandomRequests requests = new RandomRequests(dice, before);
        int differences = 0;
        for (int i = 0; i < REQUESTS_PER_POLICY; i++) {
            RequestFacts facts = requests.next();
            Decision was = withoutInputs(old.decide(facts, Facts.NOW));
            Decision is = withoutInputs(young.decide(facts, Facts.NOW));
            differences += is.equals(was) ? 0 : 1;
            assertThat(is.equals(was) || meant.test(was, is))
                    .as(() -> about(facts, before) + " was " + was + " and became " + is + " by "
                            + RandomPolicies.shown(after))
                    .isTrue();
        }
        return differences;
    }

    private static boolean denies(Decision decision) {
        return decision instanceof Deny;
    }

    /** A rule in dry run reads facts that are recorded, also where it decides nothing. */
    private static Decision withoutInputs(Decision decision) {
        return switch (decision) {
            case Allow(var rule, var route, var proves, var forward, var limit, var audit, var observed) ->
                new Allow(
                        rule,
                        route.map(DecisionPropertiesTest::withoutInputs),
                        proves,
                        forward,
                        limit,
                        audit,
                        observed.map(deny -> (Deny) withoutInputs(deny)));
            case Deny(var reason, var route, var nearest, var guardrail) ->
                new Deny(reason, route.map(DecisionPropertiesTest::withoutInputs), nearest, guardrail);
            case Decision.Ask(var query, var rule, var matched) ->
                new Decision.Ask(query, rule, withoutInputs(matched));
        };
    }

    private static Decision.MatchedRoute withoutInputs(Decision.MatchedRoute route) {
        return new Decision.MatchedRoute(route.name(), route.match(), new Inputs(new TreeMap<>()));
    }

    private static String about(RequestFacts facts, DocumentSet set) {
        return "%s%n%s%n".formatted(facts, RandomPolicies.shown(set));
    }
}
