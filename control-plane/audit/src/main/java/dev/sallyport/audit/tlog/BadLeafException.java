package dev.sallyport.audit.tlog;

/** A leaf that does not hold, and why, for people. Stackless. */
public final class BadLeafException extends Exception {
    private static final long serialVersionUID = 1;
    /** The leaf that was asked about. */
    static final long THIS = -1;

    private final long index;

    public BadLeafException(String message) {
        this(THIS, message);
    }

    /** {@code index}: of a leaf that was asked about before. */
    public BadLeafException(long index, String message) {
        super(message, null, false, false);
        this.index = index;
    }

    long index() {
        return index;
    }
}
