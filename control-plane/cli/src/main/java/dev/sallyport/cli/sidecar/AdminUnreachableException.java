package dev.sallyport.cli.sidecar;

import dev.sallyport.cli.CliException;

/** Nobody answers there now; later somebody may. */
final class AdminUnreachableException extends CliException {
    private static final long serialVersionUID = 1;

    AdminUnreachableException(String message) {
        super(message);
    }
}
