package dev.sallyport.server.mesh;

/** A change that was made against another revision than the one in force. Stackless. */
public final class StaleRevisionException extends Exception {
    private static final long serialVersionUID = 1;

    StaleRevisionException(long expected, long actual) {
        super("revision: " + expected + " (expected: " + actual + ", which is in force)", null, false, false);
    }
}
