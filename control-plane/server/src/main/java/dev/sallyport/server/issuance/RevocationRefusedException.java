package dev.sallyport.server.issuance;

/** Nothing was taken back or given back, and why. Stackless. */
public final class RevocationRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    /** What is in the way. */
    public enum Kind {
        /** No such certificate or revocation. */
        UNKNOWN,
        /** It stands as was asked for, or has ended. */
        CONFLICT,
        /** It is not to be revoked so. */
        FORBIDDEN
    }

    private final Kind kind;

    private RevocationRefusedException(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    static RevocationRefusedException unknown(String message) {
        return new RevocationRefusedException(Kind.UNKNOWN, message);
    }

    static RevocationRefusedException conflict(String message) {
        return new RevocationRefusedException(Kind.CONFLICT, message);
    }

    static RevocationRefusedException forbidden(String message) {
        return new RevocationRefusedException(Kind.FORBIDDEN, message);
    }

    public Kind kind() {
        return kind;
    }
}
