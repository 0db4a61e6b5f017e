package dev.sallyport.audit.tlog;

import java.io.IOException;

/** A file of the log is not there: it was pruned, or a newer one has taken its place. */
final class MissingTileException extends IOException {
    private static final long serialVersionUID = 1;

    MissingTileException(String path) {
        super(path + ": not found (expected: a file of the log)");
    }
}
