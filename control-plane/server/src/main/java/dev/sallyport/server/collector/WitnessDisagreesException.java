package dev.sallyport.server.collector;

import java.io.IOException;

/** A witness has seen a log that this one does not continue: this one lost its end, went back to an older copy, or forked. No later answer of the witness can mend that. */
final class WitnessDisagreesException extends IOException {
    private static final long serialVersionUID = 1;

    WitnessDisagreesException(String message) {
        super(message);
    }
}
