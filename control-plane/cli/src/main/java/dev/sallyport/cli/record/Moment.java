package dev.sallyport.cli.record;

import dev.sallyport.cli.Times;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A time as people give it: {@code -15m} before now, a moment in UTC, or a day, which is its beginning in UTC. */
final class Moment {
    static final String EXPECTED = "expected: -15m, -24h, 2026-03-02 or 2026-03-02T10:14:07Z";
    private static final Pattern BEFORE_NOW = Pattern.compile("-(\\d{1,6})([smhd])");

    private Moment() {}

    static Optional<Instant> parse(String text, Instant now) {
        Matcher before = BEFORE_NOW.matcher(text);
        if (before.matches()) {
            long number = Long.parseLong(before.group(1));
            return Optional.of(now.minus(
                    switch (before.group(2)) {
                        case "s" -> Duration.ofSeconds(number);
                        case "m" -> Duration.ofMinutes(number);
                        case "h" -> Duration.ofHours(number);
                        default -> Duration.ofDays(number);
                    }));
        }
        return Times.parse(text).or(() -> day(text));
    }

    private static Optional<Instant> day(String text) {
        try {
            return Optional.of(
                    LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
