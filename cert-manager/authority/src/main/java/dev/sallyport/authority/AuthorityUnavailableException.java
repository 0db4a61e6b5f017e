package dev.sallyport.authority;

import java.time.Duration;

/** The authority cannot sign now: sealed, out of reach, too busy, or it says no where it should not. The message is for the operator, without secrets. */
public final class AuthorityUnavailableException extends Exception {
    private static final long serialVersionUID = 1;

    private final Duration retryAfter;

    /** {@code retryAfter}: how long to leave it alone, as it said or as a first guess. */
    public AuthorityUnavailableException(String message, Duration retryAfter) {
        super(message);
        this.retryAfter = retryAfter;
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
