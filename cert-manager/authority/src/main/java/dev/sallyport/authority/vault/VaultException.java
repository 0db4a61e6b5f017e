package dev.sallyport.authority.vault;

import java.time.Duration;

/** Vault did not do what was asked, or nobody knows whether it did. The message names the call and what is expected, and nothing secret. Stackless. */
public final class VaultException extends Exception {
    private static final long serialVersionUID = 1;

    /** What a status means for the one who asked. */
    public enum Kind {
        /** 400, 405 and other 4xx: by role or policy of the mount; the same request will be refused again. */
        REFUSED,
        /** 403: the token is gone, or its policy does not allow this. */
        FORBIDDEN,
        /** 404: no such mount, role or issuer, or one that the token may not see. */
        NOT_FOUND,
        /** 412: a replica that has not caught up yet; a matter of milliseconds. */
        BEHIND,
        /** 429: over a quota. */
        BUSY,
        /** 500: it may have been done all the same (a blocked audit device answers so after the work). */
        AMBIGUOUS,
        /** 502 and other 5xx, a redirect that is not followed, or an answer that is none of Vault's. */
        UPSTREAM,
        /** 503: sealed, or in maintenance. */
        SEALED,
        /** No answer in time, or no connection. */
        UNREACHABLE
    }

    private final Kind kind;
    private final int status;
    private final Duration retryAfter;

    /** {@code status} 0 when there was no answer; {@code retryAfter} is how long to leave it alone, as it said or as is usual. */
    public VaultException(Kind kind, int status, String message, Duration retryAfter) {
        super(message, null, false, false);
        this.kind = kind;
        this.status = status;
        this.retryAfter = retryAfter;
    }

    public Kind kind() {
        return kind;
    }

    public int status() {
        return status;
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
