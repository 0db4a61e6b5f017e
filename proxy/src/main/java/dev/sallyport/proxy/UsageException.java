package dev.sallyport.proxy;

/** A command line that was not understood. Stackless; exit code 2. */
final class UsageException extends Exception {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message, null, false, false);
    }
}
