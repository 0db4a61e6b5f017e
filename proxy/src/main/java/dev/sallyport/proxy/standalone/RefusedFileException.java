package dev.sallyport.proxy.standalone;

/** A file that does not count: which key of the configuration, which file, what is wrong, what was expected. Never its content. Stackless. */
final class RefusedFileException extends Exception {
    private static final long serialVersionUID = 1;

    RefusedFileException(String key, Object file, String problem) {
        super("standalone." + key + ": " + file + ": " + problem, null, false, false);
    }
}
