package dev.sallyport.policy;

import java.util.Optional;

/** What {@link PolicySet#decide} answers. {@code Ask} (OPA) comes with its own issue. */
public sealed interface Decision {
    Reason reason();

    /** The route that matched, if any did: its name and the template as written. */
    Optional<MatchedRoute> route();

    /** {@code name} as {@code payment/charge}; {@code template} the path template that matched. */
    record MatchedRoute(String name, PathTemplate template) {}

    /** {@code user} is present when the governing rule proved it; only then may identity headers name one. */
    record Allow(RuleRef rule, MatchedRoute matched, Optional<User> user, boolean forwardToken) implements Decision {
        @Override
        public Reason reason() {
            return Reason.ALLOWED;
        }

        @Override
        public Optional<MatchedRoute> route() {
            return Optional.of(matched);
        }
    }

    /** {@code nearest}: the rule that got furthest. */
    record Deny(Reason reason, Optional<MatchedRoute> route, Optional<RuleRef> nearest) implements Decision {}
}
