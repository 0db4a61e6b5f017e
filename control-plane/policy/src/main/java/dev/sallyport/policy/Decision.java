package dev.sallyport.policy;

import dev.sallyport.policy.RoutePolicy.AuditMode;
import dev.sallyport.policy.RoutePolicy.Limit;
import dev.sallyport.policy.RoutePolicy.Match;
import java.util.Optional;

/** What {@link PolicySet#decide} answers. */
public sealed interface Decision {
    /** The route that matched, if any did. */
    Optional<MatchedRoute> route();

    /** {@code name} as {@code payment/charge}; {@code match} the one that matched; {@code inputs} what is recorded of it. */
    record MatchedRoute(String name, Match match, Inputs inputs) {}

    /**
     * Forward it. {@code rule} is the one that governs; it is empty when nothing allows and {@code mode: observe} forwards all the same: then {@code observed} is the denial that it
     * would have been. {@code limit} is still to be applied, and {@code audit} to be kept.
     */
    record Allow(
            Optional<RuleRef> rule,
            Optional<MatchedRoute> route,
            boolean provesUser,
            boolean forwardToken,
            Optional<Limit> limit,
            AuditMode audit,
            Optional<Deny> observed)
            implements Decision {
        /** The user whom the governing rule itself has proven: a rule that never looked at the token names nobody. Only then may identity headers name one. */
        public Optional<User> user(RequestFacts facts) {
            return provesUser && facts.user() instanceof UserFact.Verified(User user)
                    ? Optional.of(user)
                    : Optional.empty();
        }
    }

    /** {@code nearest}: the rule that got furthest. {@code guardrail}: the denial that wins over every rule. */
    record Deny(
            Reason reason, Optional<MatchedRoute> route, Optional<RuleRef> nearest, Optional<GuardrailRef> guardrail)
            implements Decision {}

    /** All else in {@code rule} holds, and it would govern: ask OPA, and decide again with the answer among the facts. */
    record Ask(OpaQuery query, RuleRef rule, MatchedRoute matched) implements Decision {
        @Override
        public Optional<MatchedRoute> route() {
            return Optional.of(matched);
        }
    }

    /** {@link Reason#ALLOWED} of an allow, the reason of a denial; an open question counts as {@code opa_error}, for nobody has answered it. */
    default Reason reason() {
        return switch (this) {
            case Allow _ -> Reason.ALLOWED;
            case Deny deny -> deny.reason();
            case Ask _ -> Reason.OPA_ERROR;
        };
    }
}
