package dev.sallyport.proxy.svid;

/** The sidecar could not join its mesh; the message is for the operator. Stackless. */
public final class JoinException extends Exception {
    private static final long serialVersionUID = 1;

    /** What kind of failure, for the process's exit code. */
    public enum Kind {
        /** The control plane said no, and would say it again. */
        REFUSED,
        /** The join file, or what the folder remembers, does not fit the configuration. */
        INVALID,
        /** The wait was over. */
        TIMEOUT
    }

    private final Kind kind;

    public JoinException(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
