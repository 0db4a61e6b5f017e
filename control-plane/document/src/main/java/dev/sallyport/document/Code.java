package dev.sallyport.document;

/** The stable codes of what can be wrong with a text before anyone asks what it means: family SP00. */
public final class Code {
    /** The text is not YAML or not JSON. */
    public static final String SYNTAX = "SP0001";

    /** One key twice in a mapping. */
    public static final String DUPLICATE_KEY = "SP0002";

    /** An anchor or an alias. */
    public static final String ALIAS = "SP0003";

    /** A tag or a directive. */
    public static final String TAG = "SP0004";

    /** A merge key. */
    public static final String MERGE_KEY = "SP0005";

    /** A key that is empty or no scalar. */
    public static final String KEY = "SP0006";

    /** Nested too deep. */
    public static final String TOO_DEEP = "SP0007";

    /** Too long, too many nodes, too many problems. */
    public static final String TOO_LARGE = "SP0008";

    /** A character that has no place in a document. */
    public static final String CHARACTER = "SP0009";

    /** A key that nobody knows. */
    public static final String UNKNOWN_KEY = "SP0010";

    /** A required key is missing. */
    public static final String MISSING = "SP0011";

    /** A value of the wrong form: a list where a text is expected, an empty text, letters in a number. */
    public static final String FORM = "SP0012";

    /** A value of the right form that is out of range, or not one of those allowed. */
    public static final String VALUE = "SP0013";

    /** A key that a later version will know. */
    public static final String LATER = "SP0014";

    private Code() {}
}
