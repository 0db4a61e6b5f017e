package dev.sallyport.server;

/** The control plane cannot start; the message is for the person who started it. Stackless. */
final class StartException extends Exception {
    private static final long serialVersionUID = 1;

    static final int FAILURE = 1;
    static final int USAGE = 2;
    static final int INVALID = 3;

    private final int exitCode;

    StartException(int exitCode, String message) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
