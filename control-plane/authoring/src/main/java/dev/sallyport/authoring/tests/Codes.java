package dev.sallyport.authoring.tests;

/** The stable codes of what a {@code PolicyTest} can have wrong: family SP09, and the loader's own for what any document may name. */
final class Codes {
    /** A service that the Mesh does not declare. */
    static final String SERVICE_UNKNOWN = "SP0101";

    /** An issuer that the Mesh does not declare. */
    static final String ISSUER_UNKNOWN = "SP0102";

    /** A value that a claim's type cannot have. */
    static final String CLAIM = "SP0103";

    /** What is no SPIFFE ID. */
    static final String IDENTITY = "SP0201";

    /** Neither cases nor a matrix nor invariants. */
    static final String NOTHING_TO_TEST = "SP0901";

    /** A user that the test does not define. */
    static final String USER_UNKNOWN = "SP0902";

    /** A request, or a pattern of requests, that cannot be read. */
    static final String REQUEST = "SP0903";

    /** A header that a test cannot send. */
    static final String HEADER = "SP0904";

    /** A rule, a guardrail, an OPA target or a reason that does not exist. */
    static final String NAME_UNKNOWN = "SP0905";

    /** Expectations that contradict each other. */
    static final String CONTRADICTION = "SP0906";

    /** What is no time. */
    static final String TIME = "SP0907";

    /** No destination: neither {@code to}, nor {@code service}, nor a policy of the test's name. */
    static final String NO_DESTINATION = "SP0908";

    /** More cases than a matrix may have. */
    static final String TOO_MANY = "SP0909";

    private Codes() {}
}
