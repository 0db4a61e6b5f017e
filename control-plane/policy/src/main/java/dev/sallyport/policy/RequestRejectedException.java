package dev.sallyport.policy;

/** A request that is refused for what it is: its line, its Host, or facts that OPA cannot be told. Stackless; the detail is for the record, not for the caller. */
public final class RequestRejectedException extends Exception {
    private static final long serialVersionUID = 1;
    private final Reason reason;

    public RequestRejectedException(Reason reason, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
    }

    /** What response, record and metric say. */
    public Reason reason() {
        return reason;
    }
}
