package dev.sallyport.server.http;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** So many at once, and then so many each second. Any thread; never blocks. */
final class TokenBucket {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final double perSecond;
    private final double burst;
    private final LongSupplier nanoTime;
    private double left; // guarded by this, as below
    private long filledAt;

    TokenBucket(int perSecond, int burst, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.nanoTime = nanoTime;
        this.left = burst;
        this.filledAt = nanoTime.getAsLong();
    }

    /** False: none is left just now. */
    synchronized boolean take() {
        long now = nanoTime.getAsLong();
        left = Math.min(burst, left + (now - filledAt) / NANOS_PER_SECOND * perSecond);
        filledAt = now;
        if (left < 1) {
            return false;
        }
        left--;
        return true;
    }
}
