package dev.sallyport.audit;

import java.io.IOException;
import java.util.Map;

/** What a disk answered, in one word for the record: an exception's own text would name paths, and differ from system to system. */
final class Fault {
    /** What Linux and the JDK say, and the name that POSIX has for it. */
    private static final Map<String, String> WORDS = Map.of(
            "No space left on device", "ENOSPC",
            "Disk quota exceeded", "EDQUOT",
            "Input/output error", "EIO",
            "Read-only file system", "EROFS",
            "Stale file handle", "ESTALE",
            "Too many open files", "EMFILE");

    private Fault() {}

    static String word(IOException cause) {
        if (cause instanceof LostSegmentException lost) {
            return lost.word();
        }
        String message = String.valueOf(cause.getMessage());
        return WORDS.entrySet().stream()
                .filter(word -> message.contains(word.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(cause.getClass().getSimpleName());
    }
}
