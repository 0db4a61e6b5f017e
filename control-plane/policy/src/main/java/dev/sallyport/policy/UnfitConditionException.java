package dev.sallyport.policy;

/** An expression that is valid CEL and no condition of ours: the node of its tree, and what to write instead. Without a stack trace: people cause it as they type. */
public final class UnfitConditionException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final long exprId;

    /** What is unfit. */
    public enum Kind {
        /** A form or type that conditions do not have. */
        FORM,
        /** Too large, too deep, a loop in a loop. */
        BOUND,
        /** A variable or function that nobody knows. */
        UNKNOWN,
        /** A header or query parameter that is not named by a literal. */
        NAME,
        /** Its value is no bool. */
        RESULT
    }

    UnfitConditionException(Kind kind, long exprId, String message) {
        super(message, null, false, false);
        this.kind = kind;
        this.exprId = exprId;
    }

    public Kind kind() {
        return kind;
    }

    /** The node of the expression, as dev.cel numbers them. */
    public long exprId() {
        return exprId;
    }

    /** What, the value, the expectation. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
