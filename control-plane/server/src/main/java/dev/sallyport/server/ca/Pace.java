package dev.sallyport.server.ca;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whom to ask now: a whole fleet within about a minute, never as a herd, and nobody again before it could have answered. One thread at a time asks; any may forget.
 *
 * <p>A new certificate costs the authority a signature and the sidecar a new stream: all at once would be the very storm that renewal slots avoid.
 */
final class Pace {
    private static final int SECONDS_FOR_ALL = 60;
    private static final int PER_SECOND_MIN = 20;
    private static final int PER_SECOND_MAX = 200;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final LongSupplier nanos;
    private final Map<Instance, Long> asked = new ConcurrentHashMap<>();
    private long second;
    private int askedInSecond;

    /** {@code nanos}: as {@link System#nanoTime}, which no clock that is set can move. */
    Pace(LongSupplier nanos) {
        this.nanos = nanos;
        this.second = nanos.getAsLong();
    }

    /** Whether {@code instance}, of a fleet of {@code size}, may be asked now, {@code again} after it was asked last; then it counts as asked. */
    boolean take(Instance instance, int size, Duration again) {
        long now = nanos.getAsLong();
        Long last = asked.get(instance);
        if (last != null && now - last < again.toNanos()) {
            return false;
        }
        if (now - second >= SECOND) {
            second = now;
            askedInSecond = 0;
        }
        if (askedInSecond >= perSecond(size)) {
            return false;
        }
        askedInSecond++;
        asked.put(instance, now);
        return true;
    }

    private static int perSecond(int size) {
        return Math.clamp(Math.ceilDiv(size, SECONDS_FOR_ALL), PER_SECOND_MIN, PER_SECOND_MAX);
    }

    /** It has a new stream: what it was asked on the old one may be lost. */
    void forget(Instance instance) {
        asked.remove(instance);
    }

    void forgetAll() {
        asked.clear();
    }
}
