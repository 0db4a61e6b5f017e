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
            Proof proof,
            Forwarding forwarding,
            Optional<Limit> limit,
            AuditMode audit,
            Optional<Deny> observed)
            implements Decision {
        /** The user whom the governing rule itself has proven: a rule that never looked at the token names nobody. Only then may identity headers name one. */
        public Optional<User> user(RequestFacts facts) {
            return proof.user(facts);
        }
    }

    /** Where the governing rule looked for its user. */
    enum Proof {
        NOWHERE,
        OWN_TOKEN,
        OWN_OR_HOP_TOKEN;

        /** Of a rule that wants this of its user. */
        public static Proof of(RoutePolicy.UserRequirement user) {
            return switch (user) {
                case RoutePolicy.UserRequirement.None _ -> NOWHERE;
                case RoutePolicy.UserRequirement.OptionalUser _, RoutePolicy.UserRequirement.Required _ -> OWN_TOKEN;
                case RoutePolicy.UserRequirement.Conditions conditions ->
                    conditions.via().isPresent() ? OWN_OR_HOP_TOKEN : OWN_TOKEN;
            };
        }

        /** Of facts by which the rule has held. */
        Optional<User> user(RequestFacts facts) {
            if (this == NOWHERE) {
                return Optional.empty();
            }
            UserFact fact = facts.user();
            if (this == OWN_OR_HOP_TOKEN && fact instanceof UserFact.Absent) {
                fact = facts.carriedUser();
            }
            return fact instanceof UserFact.Verified(User user) ? Optional.of(user) : Optional.empty();
        }
    }

    /** Which credential of the request goes on to the application. */
    enum Forwarding {
        NOTHING,
        /** The token that the rule has verified. */
        VERIFIED,
        /** Whatever it carries: nobody looked at it. */
        UNVERIFIED;

        static Forwarding of(RoutePolicy.Rule rule) {
            if (rule.forwardUnverified()) {
                return UNVERIFIED;
            }
            return rule.forwardToken() ? VERIFIED : NOTHING;
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
