package dev.sallyport.policy;

/** What a token of the request proved. */
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

    /** There is a token, and its caller has had more tokens looked at than others shall pay for: nobody looked at this one. */
    record Unjudged() implements UserFact {}

    /** A token whose signature, issuer, audience and times hold. */
    record Verified(User user) implements UserFact {}
}
