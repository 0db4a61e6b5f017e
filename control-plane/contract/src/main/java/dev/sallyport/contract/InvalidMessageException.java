package dev.sallyport.contract;

/** Bytes from the other side that do not count: form, signature, order or recipient. The message names the path or the check. Stackless. */
public final class InvalidMessageException extends Exception {
    private static final long serialVersionUID = 1;

    public InvalidMessageException(String message) {
        super(message, null, false, false);
    }
}
