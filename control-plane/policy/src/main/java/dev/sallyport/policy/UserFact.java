package dev.sallyport.policy;

/** What the request's token proved. */
public sealed interface UserFact {
    /** The request carries no token. */
    record Absent() implements UserFact {}

    /** {@code reason} is one of {@code token_*}. */
    record Bad(Reason reason) implements UserFact {
        public Bad {
            // With ALLOWED in here a refused token would satisfy a rule.
            if (!reason.isToken()) {
                throw new IllegalArgumentException("reason: " + reason.code() + " (expected: token_*)");
            }
        }
    }

    /** A token whose signature, issuer, audience and times hold. */
    record Verified(User user) implements UserFact {}
}
