package dev.sallyport.proxy.controlplane;

/** The control plane could not be reached, was somebody else, or did not answer in form or in time. Stackless; the message says which. */
public final class ControlPlaneException extends Exception {
    private static final long serialVersionUID = 1;

    public ControlPlaneException(String message) {
        super(message, null, false, false);
    }
}
