package dev.sallyport.audit;

import java.io.IOException;

/** Somebody took the file away that the log writes: what it holds may be gone, whatever the disk said. */
final class LostSegmentException extends IOException {
    private static final long serialVersionUID = 1;

    private final String word;

    /** {@code word}: what happened to it, for the record. */
    LostSegmentException(String word, String message) {
        super(message);
        this.word = word;
    }

    String word() {
        return word;
    }
}
