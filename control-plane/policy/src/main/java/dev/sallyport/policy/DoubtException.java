package dev.sallyport.policy;

/** A fact is there and cannot be trusted: repeated, undecodable, beyond a bound, of another type. Whoever needs it denies. Without a stack trace: a stranger can cause it at will. */
final class DoubtException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** {@code message}: what, the expectation; never the value, which may be a secret. */
    DoubtException(String message) {
        super(message, null, false, false);
    }
}
