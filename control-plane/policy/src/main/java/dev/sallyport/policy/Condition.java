package dev.sallyport.policy;

/**
 * One thing that a rule demands. {@link PolicySet#decide} and {@link PolicySet#explain} ask the same conditions in the
 * same order, so that an explanation cannot differ from the decision.
 */
sealed interface Condition permits CallerCondition, UserCondition, RequestCondition {
    /** How far a rule got when a condition failed; declared in order. */
    enum Stage {
        CALLER,
        TOKEN,
        CLAIMS,
        CONDITION
    }

    Stage stage();

    /** {@link Reason#ALLOWED} when it holds. */
    Reason verdict(Evaluation evaluation);

    /** The key of the document that states it. */
    String name();

    /** What the document states. */
    String expected();

    /** What the request has; never a token. */
    String actual(Evaluation evaluation);
}
