package dev.sallyport.policy;

import dev.sallyport.policy.RoutePolicy.AuditMode;
import dev.sallyport.policy.RoutePolicy.Limit;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One match of a route and the rules that judge it; or, {@code matched} empty, what happens to a request that no route matches. Answers that no fact goes into are made once, here.
 */
final class CompiledRoute {
    private final MeshIndex mesh;
    private final Optional<Decision.MatchedRoute> matched;
    private final Rules rules;
    private final Instant observeUntil;
    private final Decision.Deny unknownCaller;
    private final Decision.Deny otherCaller;
    private final Decision.@Nullable Allow[] allows; // filled on first use; whoever comes second makes an equal one

    /** The rules of a route, shared by its matches: {@code ranked} by {@link CompiledRule#RANK}, {@code byName} for people. */
    record Rules(
            List<CompiledRule> ranked,
            List<CompiledRule> byName,
            CallerTable callers,
            Optional<Limit> limit,
            AuditMode audit) {}

    /** {@code observeUntil} is {@link Instant#MIN} without {@code mode: observe}. */
    CompiledRoute(MeshIndex mesh, Optional<Decision.MatchedRoute> matched, Rules rules, Instant observeUntil) {
        this.mesh = mesh;
        this.matched = matched;
        this.rules = rules;
        this.observeUntil = observeUntil;
        this.allows = new Decision.@Nullable Allow[rules.ranked().size()];
        Optional<RuleRef> first = rules.byName().stream().findFirst().map(CompiledRule::ref);
        this.unknownCaller = deny(matched.isPresent() ? Reason.CALLER_UNKNOWN : Reason.NO_ROUTE, first);
        this.otherCaller = deny(matched.isPresent() ? Reason.CALLER_NOT_ALLOWED : Reason.NO_ROUTE, first);
    }

    MeshIndex mesh() {
        return mesh;
    }

    Optional<Decision.MatchedRoute> matched() {
        return matched;
    }

    List<CompiledRule> rulesByName() {
        return rules.byName();
    }

    Instant observeUntil() {
        return observeUntil;
    }

    private Decision.Deny deny(Reason reason, Optional<RuleRef> nearest) {
        return new Decision.Deny(reason, matched, nearest, Optional.empty());
    }

    /** The first rule by rank that holds governs; if none does, the reason is that of the rule that got furthest, first by name on a tie. */
    Decision judge(Evaluation evaluation) {
        if (evaluation.caller() == MeshIndex.UNKNOWN) {
            return unknownCaller;
        }
        @Nullable CompiledRule nearest = null;
        Condition.Stage furthest = Condition.Stage.CALLER;
        Reason reason = Reason.CALLER_NOT_ALLOWED;
        for (int position : rules.callers().of(evaluation.caller())) {
            CompiledRule rule = rules.ranked().get(position);
            if (rule.expired(evaluation.now())) {
                continue;
            }
            evaluation.begin(rule.grants().carried());
            int at = 0;
            Reason verdict = Reason.ALLOWED;
            for (; at < rule.checks().size() && verdict == Reason.ALLOWED; at++) {
                verdict = rule.checks().get(at).verdict(evaluation);
            }
            if (verdict == Reason.ALLOWED) {
                return allow(position, rule);
            }
            Condition failed = rule.checks().get(at - 1);
            if (failed instanceof RequestCondition.Opa opa && opa.pending(evaluation)) {
                return new Decision.Ask(opa.query(), rule.ref(), matched.orElseThrow());
            }
            int further = failed.stage().compareTo(furthest);
            if (nearest == null
                    || further > 0
                    || (further == 0
                            && rule.ref().rule().compareTo(nearest.ref().rule()) < 0)) {
                nearest = rule;
                furthest = failed.stage();
                reason = verdict;
            }
        }
        return nearest == null ? otherCaller : deny(reason, nearest.found());
    }

    private Decision.Allow allow(int position, CompiledRule rule) {
        Decision.Allow known = allows[position];
        if (known == null) {
            known = new Decision.Allow(
                    rule.found(),
                    matched,
                    rule.grants().source(),
                    rule.grants().forwarding(),
                    rules.limit(),
                    rules.audit(),
                    Optional.empty());
            allows[position] = known;
        }
        return known;
    }

    /** {@code mode: observe}: forwarded although {@code deny} would have been the answer; it proves no user and hands on no token. */
    Decision.Allow observed(Decision.Deny deny) {
        return new Decision.Allow(
                Optional.empty(),
                matched,
                Decision.Proof.NOWHERE,
                Decision.Forwarding.NOTHING,
                rules.limit(),
                rules.audit(),
                Optional.of(deny));
    }
}
