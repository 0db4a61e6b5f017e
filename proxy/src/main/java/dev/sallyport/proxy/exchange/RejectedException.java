package dev.sallyport.proxy.exchange;

/** Carries a {@link Rejection} out of the steps before forwarding. Stackless. */
public final class RejectedException extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Rejection rejection;

    public RejectedException(Rejection rejection) {
        super(rejection.reason().code(), null, false, false);
        this.rejection = rejection;
    }

    public Rejection rejection() {
        return rejection;
    }
}
