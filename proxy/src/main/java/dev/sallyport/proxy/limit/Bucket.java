package dev.sallyport.proxy.limit;

import dev.sallyport.policy.RoutePolicy.Limit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The state of one limit for one of those it counts: the theoretical arrival time of the generic cell rate algorithm (ITU-T I.371), in nanoseconds of the limiter's clock. Past: the
 * bucket is full. Any thread; nobody waits.
 */
final class Bucket {
    /** Of a request that is too early by no time at all. */
    static final long TAKEN = 0;
    /** The bucket left the table: whoever counted on here would count for nobody. */
    static final long GONE = -1;

    /** A limit's tolerance may not reach where sums of times overflow: some 73 years. */
    private static final long HORIZON_NANOS = Long.MAX_VALUE / 4;

    private final Key key;
    private final AtomicLong arrival;

    /** One bucket a route, limit and counted one: a limit that changed starts full, one that a new snapshot merely repeats goes on. */
    record Key(String route, Limit limit, Counted who) {
        /** Between two requests at the even rate; rounded up, so that no second holds one too many. */
        long spacingNanos() {
            return Math.max(1, Math.ceilDiv(limit.window().toNanos(), limit.requests()));
        }

        /** How far ahead of the even rate a burst may run. */
        long toleranceNanos() {
            long ahead = limit.burst() - 1L;
            long spacing = spacingNanos();
            return ahead > HORIZON_NANOS / spacing ? HORIZON_NANOS : ahead * spacing;
        }
    }

    /** After its first request, at {@code now}. */
    Bucket(Key key, long now) {
        this.key = key;
        this.arrival = new AtomicLong(now + key.spacingNanos());
    }

    Key key() {
        return key;
    }

    /** {@link #TAKEN}, {@link #GONE}, or how many nanoseconds the request is too early; then it costs nothing. */
    long take(long now) {
        long spacing = key.spacingNanos();
        long tolerance = key.toleranceNanos();
        while (true) {
            long expected = arrival.get();
            if (expected == GONE) {
                return GONE;
            }
            long early = expected - tolerance - now;
            if (early > 0) {
                return early;
            }
            if (arrival.compareAndSet(expected, Math.max(expected, now) + spacing)) {
                return TAKEN;
            }
        }
    }

    /** Marks a full bucket as gone, for good; false when it is not full. Losing a full one loses nothing: the next is as full. */
    boolean retire(long now) {
        long expected = arrival.get();
        return expected <= now && arrival.compareAndSet(expected, GONE);
    }
}
