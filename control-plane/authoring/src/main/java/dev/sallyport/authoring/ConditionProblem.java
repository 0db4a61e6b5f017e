package dev.sallyport.authoring;

/** One thing that is wrong with a condition: line and column inside its text, from 1; a code of family SP06; what to write instead. */
record ConditionProblem(int line, int column, String code, String message) {
    /** Neither CEL nor of the types that its functions take. */
    static final String FORM = "SP0601";

    /** Too long, too large, too deep, a loop in a loop, a regular expression. */
    static final String BOUND = "SP0602";

    /** A variable, claim, field or function that nobody knows. */
    static final String UNKNOWN = "SP0603";

    /** A header or query parameter that is not named by a literal. */
    static final String NAME = "SP0605";

    /** Its value is no bool. */
    static final String RESULT = "SP0606";

    /** The user, where none is proven. */
    static final String USER = "SP0607";

    /** {@code at 1:12: …}. */
    @Override
    public String toString() {
        return "at " + line + ":" + column + ": " + message;
    }
}
