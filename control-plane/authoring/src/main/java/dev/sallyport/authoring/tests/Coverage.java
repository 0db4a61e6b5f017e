package dev.sallyport.authoring.tests;

import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Guardrail;
import dev.sallyport.policy.GuardrailRef;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RuleRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** How many cases each route, rule and denial decided: a rule by allowing, a denial by denying, a route by matching. What only counts in the shadow is decided by a shadow. */
public record Coverage(List<Item> items) {
    public Coverage {
        items = List.copyOf(items);
    }

    /** What can decide. */
    public enum Kind {
        ROUTE,
        RULE,
        DENIAL
    }

    /** {@code name} as {@code payment/charge/orders}. {@code shadow}: of a candidate, or in mode dryRun. */
    public record Item(Kind kind, String name, boolean shadow, int cases) {
        /** Whether any case was decided by it. */
        public boolean covered() {
            return cases > 0;
        }
    }

    /** Those of a kind, in the order of the documents. */
    public List<Item> of(Kind kind) {
        return items.stream().filter(item -> item.kind() == kind).toList();
    }

    /** Of rules and denials, those that decided a case: 0..100, rounded down, so that 100 means every one. */
    public int percent() {
        List<Item> deciding =
                items.stream().filter(item -> item.kind() != Kind.ROUTE).toList();
        long covered = deciding.stream().filter(Item::covered).count();
        return deciding.isEmpty() ? 100 : (int) (100 * covered / deciding.size());
    }

    /** Counts while cases are judged. One thread. */
    static final class Counter {
        private final Map<Key, Integer> counts = new LinkedHashMap<>();

        private record Key(Kind kind, String name, boolean shadow) {}

        /** Everything that the set holds, touched by nobody yet. */
        Counter(DocumentSet set) {
            for (RoutePolicy policy : set.policies().values()) {
                // Beside a candidate, which stands for the whole policy, its dry-run rules decide nothing.
                boolean superseded = set.candidates().containsKey(policy.service());
                add(policy, rule -> !(superseded && rule.dryRun()));
            }
            set.candidates().values().forEach(candidate -> add(candidate, _ -> true));
            for (Guardrail guardrail : set.guardrails().values()) {
                guardrail.deny().keySet().forEach(denial -> {
                    String name = new GuardrailRef(guardrail.name(), denial).toString();
                    counts.put(new Key(Kind.DENIAL, name, guardrail.dryRun()), 0);
                });
            }
        }

        private void add(RoutePolicy policy, Predicate<RoutePolicy.Rule> decides) {
            for (RoutePolicy.Route route : policy.routes().values()) {
                counts.put(new Key(Kind.ROUTE, policy.service() + "/" + route.name(), policy.candidate()), 0);
                route.allow().values().stream().filter(decides).forEach(rule -> {
                    String name = new RuleRef(policy.service(), route.name(), rule.name()).toString();
                    counts.put(new Key(Kind.RULE, name, policy.candidate() || rule.dryRun()), 0);
                });
            }
        }

        /** The outcome of one case; a live rule that decides in the shadow too is counted once, live. */
        void count(Outcome outcome, boolean shadow) {
            outcome.route().ifPresent(route -> count(Kind.ROUTE, route, shadow));
            switch (outcome.verdict()) {
                case ALLOW -> outcome.rule().ifPresent(rule -> count(Kind.RULE, rule.toString(), shadow));
                case DENY -> outcome.guardrail().ifPresent(denial -> count(Kind.DENIAL, denial.toString(), shadow));
                case ASK -> {} // nothing is decided yet
            }
        }

        private void count(Kind kind, String name, boolean shadow) {
            counts.computeIfPresent(new Key(kind, name, shadow), (_, cases) -> cases + 1);
        }

        Coverage coverage() {
            List<Item> items = new ArrayList<>();
            counts.forEach((key, cases) -> items.add(new Item(key.kind(), key.name(), key.shadow(), cases)));
            return new Coverage(items);
        }
    }
}
