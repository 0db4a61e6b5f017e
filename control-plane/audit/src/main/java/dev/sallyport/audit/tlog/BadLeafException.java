package dev.sallyport.audit.tlog;

/** A leaf that does not hold, and why, for people. Stackless. */
public final class BadLeafException extends Exception {
    private static final long serialVersionUID = 1;

    public BadLeafException(String message) {
        super(message, null, false, false);
    }
}
