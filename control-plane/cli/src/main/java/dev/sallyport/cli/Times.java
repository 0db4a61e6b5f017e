package dev.sallyport.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** Moments as people read them. */
public final class Times {
    private Times() {}

    /** ISO 8601 in UTC, or nothing. */
    public static Optional<Instant> parse(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** {@code in 41m 12s}, {@code 3s ago}. */
    public static String relative(Instant moment, Instant now) {
        Duration distance = Duration.between(now, moment);
        return distance.isNegative() ? Durations.text(distance) + " ago" : "in " + Durations.text(distance);
    }

    /** {@link #relative} of an ISO moment; the text itself when it is none. */
    public static String relative(String iso, Instant now) {
        return parse(iso).map(moment -> relative(moment, now)).orElse(iso);
    }
}
