package dev.sallyport.server.store;

/** The store takes no more work: too many wait, or it is closed. */
public final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StoreUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
