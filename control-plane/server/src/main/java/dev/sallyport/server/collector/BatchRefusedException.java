package dev.sallyport.server.collector;

/** A batch that is not taken, and why, in words that its sidecar may read. Stackless. */
public final class BatchRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    /** The kinds, few, so that the count of them is bounded whatever a sidecar sends. */
    public enum Reason {
        /** Bytes that are no batch. */
        FORM("form"),
        /** The seal: its certificate, its signature, or who brought it. */
        IDENTITY("identity"),
        /** The stream's name, or whose it is. */
        STREAM("stream"),
        /** Lines that are not what was sealed. */
        CHAIN("chain"),
        /** Other records under numbers that the log has. */
        FORK("fork"),
        /** Too many new streams. */
        STREAMS("streams"),
        /** No room, or no disk, just now. */
        BUSY("busy");

        private final String code;

        Reason(String code) {
            this.code = code;
        }

        /** Stable; of the answer and of the metric. */
        public String code() {
            return code;
        }
    }

    private final Reason reason;

    BatchRefusedException(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
