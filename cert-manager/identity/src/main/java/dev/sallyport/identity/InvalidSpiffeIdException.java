package dev.sallyport.identity;

/** A text that is no SPIFFE ID or trust domain. The message gives what, the value and the expectation. Stackless. */
public final class InvalidSpiffeIdException extends Exception {
    private static final long serialVersionUID = 1;

    InvalidSpiffeIdException(String message) {
        super(message, null, false, false);
    }
}
