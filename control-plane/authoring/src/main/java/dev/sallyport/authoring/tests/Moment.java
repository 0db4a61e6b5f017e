package dev.sallyport.authoring.tests;

import dev.sallyport.document.Fields;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A time in a test: {@code fixed} on the clock, or a {@code distance} from the test's {@code now}: {@code 2027-03-31}, {@code 2027-03-31T12:00:00Z}, {@code -1m}, {@code +30d}. */
public record Moment(Optional<Instant> fixed, Duration distance) {
    /** The test's {@code now} itself. */
    static final Moment NOW = away(Duration.ZERO);

    private static final Pattern AWAY = Pattern.compile("([+-]\\d{1,5})([smhd])");

    static Moment away(Duration distance) {
        return new Moment(Optional.empty(), distance);
    }

    /** The instant that it is when it is {@code now}. */
    public Instant from(Instant now) {
        return fixed.orElse(now).plus(distance);
    }

    /** The moment under {@code key}; {@code fallback} when absent. */
    static Moment read(Fields fields, String key, Moment fallback) {
        String text = fields.optionalText(key).orElse("");
        if (text.isEmpty()) {
            return fallback;
        }
        if (text.charAt(0) != '+' && text.charAt(0) != '-') {
            return new Moment(fields.instant(key), Duration.ZERO);
        }
        Matcher away = AWAY.matcher(text);
        if (!away.matches()) {
            fields.problem(key, Codes.TIME, text + " (expected: a distance from now, as -1m, +90s, +1h, +30d)");
            return fallback;
        }
        long amount = Long.parseLong(away.group(1));
        return away(
                switch (away.group(2)) {
                    case "s" -> Duration.ofSeconds(amount);
                    case "m" -> Duration.ofMinutes(amount);
                    case "h" -> Duration.ofHours(amount);
                    default -> Duration.ofDays(amount);
                });
    }
}
