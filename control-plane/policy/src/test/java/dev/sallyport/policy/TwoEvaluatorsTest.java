package dev.sallyport.policy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.Decision.Allow;
import dev.sallyport.policy.Decision.Ask;
import dev.sallyport.policy.Decision.Deny;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Route;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The evaluator and a naive one of test code, over random policies and requests of a small alphabet, so that they meet. */
class TwoEvaluatorsTest {
    private static final long PAIRS = Boolean.getBoolean("sallyport.soak") ? 50_000_000 : 2_000_000;
    private static final int REQUESTS_PER_POLICY = 200;
    private static final int EXPLAINED_PER_POLICY = 4;

    /** Given by the sidecar around a decision: no policy decides so. */
    private static final Set<Reason> NOT_OF_A_POLICY =
            EnumSet.of(Reason.TLS_REQUIRED, Reason.POLICY_UNAVAILABLE, Reason.AUDIT_UNAVAILABLE);

    private final long seed = Long.getLong("sallyport.seed", System.nanoTime());

    @Test
    void sameAnswerForEveryRequest() {
        Map<String, Long> seen = LongStream.range(0, PAIRS / REQUESTS_PER_POLICY)
                .parallel()
                .mapToObj(policy -> compare(seed + policy))
                .reduce(Map.of(), TwoEvaluatorsTest::sum);
        System.out.printf("TwoEvaluatorsTest: seed %d, %d pairs, %s%n", seed, PAIRS, seen);

        // Random tests that only ever see one answer prove nothing.
        assertThat(seen)
                .as("seed %d", seed)
                .containsKeys("allow proof 0", "allow proof 1", "allow proof 2", "allow proof 3", "ask")
                .containsKeys("own token", "hops 1", "hops 2", "hops 3", "hops 4")
                .containsKeys("http", "grpc", "tcp", "shadow: same", "shadow: other", "shadow: none");
        for (Reason reason : EnumSet.range(Reason.NO_ROUTE, Reason.AUDIT_UNAVAILABLE)) {
            if (!NOT_OF_A_POLICY.contains(reason)) {
                assertThat(seen).as("seed %d", seed).containsKey("deny " + reason.code());
            }
        }
        assertThat(seen)
                .as("seed %d", seed)
                .containsKeys("observed no_route", "observed role_missing", "observed opa_denied");
    }

    /** One policy, which the seed alone makes again: as {@code -Dsallyport.seed} it is the first. */
    private static Map<String, Long> compare(long seed) {
        Dice dice = Dice.of(seed);
        DocumentSet set = new RandomPolicies(dice).set();
        RandomRequests requests = new RandomRequests(dice, set);
        PolicySet compiled = PolicySet.compile(set, RandomPolicies.SERVICE);
        NaiveEvaluator naive = new NaiveEvaluator(set, RandomPolicies.SERVICE, new NaiveConditions());
        Map<String, Long> seen = new TreeMap<>();
        for (int i = 0; i < REQUESTS_PER_POLICY; i++) {
            RequestFacts facts = requests.next();
            Supplier<String> about = () -> "policy seed %d%n%s%n%s".formatted(seed, facts, RandomPolicies.shown(set));
            Decision expected = naive.decide(facts, Facts.NOW);
            Optional<Decision> shadow = naive.shadow(facts, Facts.NOW);
            assertSame(expected, compiled.decide(facts, Facts.NOW), about);
            assertSame(shadow, compiled.shadow(facts, Facts.NOW), about);
            if (i < EXPLAINED_PER_POLICY) {
                assertSame(expected, compiled.explain(facts, Facts.NOW).decision(), about);
            }
            count(seen, outcome(expected, set));
            named(expected, facts).ifPresent(how -> count(seen, how));
            expected.route().ifPresent(route -> count(seen, kind(route.match())));
            count(
                    seen,
                    "shadow: "
                            + shadow.map(other -> other.equals(expected) ? "same" : "other")
                                    .orElse("none"));
        }
        return seen;
    }

    /** AssertJ only where it differs: a description costs more than a decision. */
    private static void assertSame(Object expected, Object actual, Supplier<String> about) {
        if (!actual.equals(expected)) {
            assertThat(actual).as(about).isEqualTo(expected);
        }
    }

    private static String outcome(Decision decision, DocumentSet set) {
        return switch (decision) {
            case Deny deny -> "deny " + deny.reason().code();
            case Ask _ -> "ask";
            case Allow allow
            when allow.observed().isPresent() ->
                "observed " + allow.observed().get().reason().code();
            case Allow allow -> "allow proof " + proof(allow.rule().orElseThrow(), set);
        };
    }

    /** How an allowed request has come by its user. */
    private static Optional<String> named(Decision decision, RequestFacts facts) {
        return decision instanceof Allow allow
                ? allow.user(facts)
                        .map(user -> user.carriedBy().isEmpty()
                                ? "own token"
                                : "hops " + user.carriedBy().size())
                : Optional.empty();
    }

    private static int proof(RuleRef ref, DocumentSet set) {
        Route route = requireNonNull(
                requireNonNull(set.policies().get(ref.service())).routes().get(ref.route()));
        return NaiveEvaluator.proof(requireNonNull(route.allow().get(ref.rule())));
    }

    private static String kind(Match match) {
        return switch (match) {
            case Match.Http _ -> "http";
            case Match.Grpc _ -> "grpc";
            case Match.Tcp _ -> "tcp";
        };
    }

    private static void count(Map<String, Long> seen, String what) {
        seen.merge(what, 1L, Long::sum);
    }

    private static Map<String, Long> sum(Map<String, Long> one, Map<String, Long> other) {
        Map<String, Long> sum = new TreeMap<>(one);
        other.forEach((what, times) -> sum.merge(what, times, Long::sum));
        return sum;
    }
}
