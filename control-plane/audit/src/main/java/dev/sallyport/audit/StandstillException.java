package dev.sallyport.audit;

import java.io.IOException;

/** Nothing can be written for now, and the open segment is not to blame: it stays open. */
final class StandstillException extends IOException {
    private static final long serialVersionUID = 1;

    StandstillException(String message) {
        super(message);
    }

    StandstillException(Throwable cause) {
        super(String.valueOf(cause.getMessage()), cause);
    }
}
