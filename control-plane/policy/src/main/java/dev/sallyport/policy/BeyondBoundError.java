package dev.sallyport.policy;

/**
 * Ends an evaluation at once. An Error, because the interpreter makes a value of each Exception, which {@code ||} then absorbs: a condition could come out true although a fact
 * that it read was in doubt. Never leaves {@link Expression}. Without a stack trace.
 */
final class BeyondBoundError extends Error {
    private static final long serialVersionUID = 1L;

    BeyondBoundError() {
        super("beyond a bound", null, false, false);
    }
}
