package dev.sallyport.authority;

/** A CSR that is not signed: bad encoding, proof of possession, key, or identity. Stackless. */
public final class IssuanceRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    /** {@code message} gives what, the value and the expectation; the asker may read it. */
    public IssuanceRefusedException(String message) {
        super(message, null, false, false);
    }
}
