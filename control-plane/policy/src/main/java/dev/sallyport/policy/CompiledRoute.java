package dev.sallyport.policy;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One match of a route with the route's rules, by name. */
record CompiledRoute(RoutePolicy.Match match, Decision.MatchedRoute matched, List<CompiledRule> rules) {
    /** Whether any rule allows, and which reason if none does (design section 4). */
    Decision judge(Evaluation evaluation) {
        @Nullable CompiledRule governing = null;
        @Nullable CompiledRule nearest = null;
        Condition.Stage furthest = Condition.Stage.CALLER;
        Reason reason = Reason.CALLER_NOT_ALLOWED;
        for (CompiledRule rule : rules) {
            Optional<Condition> failed = firstFailed(rule, evaluation);
            if (failed.isEmpty()) {
                if (governing == null || rule.proof().compareTo(governing.proof()) > 0) {
                    governing = rule;
                }
            } else if (nearest == null || failed.get().stage().compareTo(furthest) > 0) {
                nearest = rule;
                furthest = failed.get().stage();
                reason = failed.get().verdict(evaluation);
            }
        }
        if (governing != null) {
            return new Decision.Allow(
                    Optional.of(governing.ref()),
                    Optional.of(matched),
                    governing.proof() != CompiledRule.Proof.NONE,
                    governing.forwardToken(),
                    Optional.empty(),
                    RoutePolicy.AuditMode.BUFFERED,
                    Optional.empty());
        }
        return new Decision.Deny(
                reason, Optional.of(matched), Optional.ofNullable(nearest).map(CompiledRule::ref), Optional.empty());
    }

    private static Optional<Condition> firstFailed(CompiledRule rule, Evaluation evaluation) {
        for (Condition condition : rule.conditions()) {
            if (condition.verdict(evaluation) != Reason.ALLOWED) {
                return Optional.of(condition);
            }
        }
        return Optional.empty();
    }
}
