package dev.sallyport.identity;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/** When to ask for the next certificate: at {@code renewAt}, then by bounded back-off until expiry. Pure. */
public final class RenewalSchedule {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    /** 5 %: about twenty tries fit into what remains, whatever the life of the certificate. */
    private static final int SHARE_OF_REMAINDER = 20;

    /** 2^9 s exceeds {@link #LONGEST}; more doublings would only overflow. */
    private static final int DOUBLINGS_MAX = 9;

    /** Renewals are due in this part of what lies ahead of a new certificate: late enough to be few, early enough that a quarter of the life outlasts any outage. */
    public static final double WINDOW_FROM = 0.45;

    public static final double WINDOW_TO = 0.75;

    private RenewalSchedule() {}

    /** Drawn once per certificate in 45..75 % of what lies ahead: certificates that were issued together part ways. */
    public static Instant draw(Instant now, Instant notAfter, RandomGenerator random) {
        Duration ahead = Duration.between(now, notAfter);
        return now.plusMillis((long) (ahead.toMillis() * random.nextDouble(WINDOW_FROM, WINDOW_TO)));
    }

    /**
     * {@code failures} 0 → {@code renewAt} (or now, if past); else an exponential, jittered wait of 1 s up to min(5 min, 5 % of what remains), at least 1 s. Behind the end nothing can be saved by haste: up to 5 min.
     */
    public static Instant next(Instant now, Instant renewAt, Instant notAfter, int failures, RandomGenerator random) {
        if (failures <= 0) {
            return renewAt.isAfter(now) ? renewAt : now;
        }
        Duration exponential = SHORTEST.multipliedBy(1L << Math.min(failures, DOUBLINGS_MAX));
        Duration ceiling = max(SHORTEST, min(exponential, longest(now, notAfter)));
        // Drawn over the whole range: a fleet that failed together must not come back together.
        long jitter = random.nextLong(ceiling.minus(SHORTEST).toMillis() + 1);
        return now.plus(SHORTEST).plusMillis(jitter);
    }

    /** When the other side asked to be left alone for {@code asked}: then, within the bounds of {@link #next}, and up to a tenth later, as it may have told everybody the same. */
    public static Instant later(Duration asked, Instant now, Instant notAfter, RandomGenerator random) {
        Duration longest = longest(now, notAfter);
        Duration bounded = max(SHORTEST, min(asked, longest));
        long jitter = random.nextLong(bounded.toMillis() / 10 + 1);
        return now.plus(min(bounded.plusMillis(jitter), max(bounded, longest)));
    }

    private static Duration longest(Instant now, Instant notAfter) {
        Duration left = Duration.between(now, notAfter);
        return left.isPositive() ? max(SHORTEST, min(LONGEST, left.dividedBy(SHARE_OF_REMAINDER))) : LONGEST;
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
