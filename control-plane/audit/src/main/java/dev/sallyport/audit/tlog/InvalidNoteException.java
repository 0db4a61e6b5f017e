package dev.sallyport.audit.tlog;

/** A note, checkpoint, key or proof that is not one, or that nobody known has signed: what, and what was expected. Stackless; never quotes what a sender chose. */
public final class InvalidNoteException extends Exception {
    private static final long serialVersionUID = 1;

    InvalidNoteException(String message) {
        super(message, null, false, false);
    }
}
