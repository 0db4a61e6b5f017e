package dev.sallyport.server.issuance;

/** No certificate, and why, in words that the asking sidecar may read. Stackless. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
        super(message, null, false, false);
    }
}
