package dev.sallyport.server.issuance;

import java.time.Duration;

/** Not now: too many certificates for one asker, or for the authority. Stackless. */
public final class ThrottledException extends Exception {
    private static final long serialVersionUID = 1;

    private final Duration retryAfter;

    ThrottledException(String message, Duration retryAfter) {
        super(message, null, false, false);
        this.retryAfter = retryAfter;
    }

    /** When there will be room again, if nobody else takes it. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
