package dev.sallyport.benchmarks.fleet;

import dev.sallyport.identity.RenewalSchedule;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Everybody's {@code number}-th renewal.
 *
 * @param moments in their order
 * @param life of the certificates
 */
public record Wave(int number, List<Instant> moments, Duration life) {
    /** The widths over which rates are counted are these parts of a life: a minute of 24 hours. */
    private static final int WIDTHS_IN_LIFE = 1440;

    public Wave {
        moments = List.copyOf(moments);
    }

    /** From this the peak is the most that any interval has: a minute of a life of 24 hours. */
    public Duration width() {
        return life.dividedBy(WIDTHS_IN_LIFE);
    }

    /** Renewals a second over the window of one certificate: that is what a fleet that parted ways perfectly would come to. */
    public double mean() {
        return moments.size() / (life.toMillis() / 1000.0 * (RenewalSchedule.WINDOW_TO - RenewalSchedule.WINDOW_FROM));
    }

    /** Renewals a second in the busiest interval. */
    public double peak() {
        return most(width()) / (width().toMillis() / 1000.0);
    }

    /** Renewals in the busiest second. */
    public long inOneSecond() {
        return most(Duration.ofSeconds(1));
    }

    private long most(Duration interval) {
        Map<Long, Long> counts = new HashMap<>();
        for (Instant moment : moments) {
            counts.merge(Math.floorDiv(moment.toEpochMilli(), interval.toMillis()), 1L, Long::sum);
        }
        return counts.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /** How many times the mean the peak is. */
    public double peakOverMean() {
        return peak() / mean();
    }
}
