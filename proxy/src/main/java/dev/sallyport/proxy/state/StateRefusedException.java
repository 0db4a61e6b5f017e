package dev.sallyport.proxy.state;

/** A state folder that a sidecar must not use: what, what was found, and what to do. Stackless. */
public final class StateRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    public StateRefusedException(String message) {
        super(message, null, false, false);
    }
}
