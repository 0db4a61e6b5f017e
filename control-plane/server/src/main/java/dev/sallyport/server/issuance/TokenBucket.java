package dev.sallyport.server.issuance;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** So many at once, and then so many each second. Any thread; never blocks. */
public final class TokenBucket {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final double perSecond;
    private final double burst;
    private final LongSupplier nanoTime;
    private double left; // guarded by this, as below
    private long filledAt;

    /** {@code perSecond} above 0, {@code burst} at least 1. */
    public TokenBucket(double perSecond, int burst, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.nanoTime = nanoTime;
        this.left = burst;
        this.filledAt = nanoTime.getAsLong();
    }

    /** False: none is left just now. */
    public boolean take() {
        return takeAbove(0).isEmpty();
    }

    /** Takes one if {@code reserve} are left after it; else takes nothing and says how long until that would do. */
    synchronized Optional<Duration> takeAbove(int reserve) {
        long now = nanoTime.getAsLong();
        left = Math.min(burst, left + (now - filledAt) / NANOS_PER_SECOND * perSecond);
        filledAt = now;
        double missing = reserve + 1 - left;
        if (missing > 0) {
            return Optional.of(Duration.ofNanos((long) Math.ceil(missing / perSecond * NANOS_PER_SECOND)));
        }
        left--;
        return Optional.empty();
    }

    /** Gives one back that was taken for nothing. */
    synchronized void giveBack() {
        left = Math.min(burst, left + 1);
    }
}
