package dev.sallyport.server.ca;

/** What was asked of a rotation cannot be done as things stand; nothing was changed. Stackless: the message is for the asker. */
public final class RotationRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    public RotationRefusedException(String message) {
        super(message, null, false, false);
    }
}
