package dev.sallyport.policy;

import java.util.Locale;

/** Every reason, the same word in response, record, log, metric and test, with its HTTP status (design section 4). */
public enum Reason {
    ALLOWED(200),
    NO_ROUTE(403),
    CALLER_UNKNOWN(403),
    CALLER_NOT_ALLOWED(403),
    TLS_REQUIRED(403),
    TOKEN_MISSING(401),
    TOKEN_EXPIRED(401),
    TOKEN_SIGNATURE(401),
    TOKEN_ISSUER(401),
    TOKEN_AUDIENCE(401),
    TOKEN_INVALID(401),
    TOKEN_TOO_OLD(401),
    TOKEN_KEY_UNKNOWN(401),
    TOKEN_CHAIN(401),
    ROLE_MISSING(403),
    SCOPE_MISSING(403),
    CLAIM_MISMATCH(403),
    CONDITION_FALSE(403),
    CONDITION_ERROR(403),
    OPA_DENIED(403),
    OPA_ERROR(403),
    GUARDRAIL(403),
    RATE_LIMITED(429),
    POLICY_UNAVAILABLE(503),
    AUDIT_UNAVAILABLE(503),
    PATH_REJECTED(400),
    FRAMING_REJECTED(400),
    HEAD_TOO_LARGE(431),
    BODY_TOO_LARGE(413),
    MISDIRECTED(421),
    UPSTREAM_UNKNOWN(502),
    UPSTREAM_IDENTITY(502),
    UPSTREAM_UNAVAILABLE(503),
    UPSTREAM_TIMEOUT(504),
    UPSTREAM_PROTOCOL(502),
    CLIENT_TIMEOUT(408),
    CLIENT_CLOSED(499),
    OVERLOADED(503),
    DRAINING(503),
    INTERNAL_ERROR(500);

    private final int status;
    private final String code;

    Reason(int status) {
        this.status = status;
        this.code = name().toLowerCase(Locale.ROOT);
    }

    /** Whether it says what was wrong with a user's token. */
    public boolean isToken() {
        return name().startsWith("TOKEN_");
    }

    /** The HTTP status of the response; 499 is recorded only, nothing is sent. */
    public int status() {
        return status;
    }

    /** {@code caller_not_allowed}. */
    public String code() {
        return code;
    }

    /** Throws IllegalArgumentException for a word that is none of ours. */
    public static Reason ofCode(String code) {
        return valueOf(code.toUpperCase(Locale.ROOT));
    }
}
