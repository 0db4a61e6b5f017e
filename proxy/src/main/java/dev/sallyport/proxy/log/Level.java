package dev.sallyport.proxy.log;

import java.util.Locale;
import java.util.Optional;

/** How much is said on standard error: a line is written at its own level and below. */
public enum Level {
    /** A line for each request and connection that is refused or fails; much under load. */
    DEBUG,
    INFO,
    WARN,
    ERROR;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** {@code debug}. */
    public String word() {
        return word;
    }

    /** Empty for what is none. */
    public static Optional<Level> of(String word) {
        for (Level level : values()) {
            if (level.word.equals(word)) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }
}
