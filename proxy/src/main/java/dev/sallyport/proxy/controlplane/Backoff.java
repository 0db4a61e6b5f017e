package dev.sallyport.proxy.controlplane;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Jittered exponential waits from 0.2 s to 10 s, so that a thousand sidecars do not return to a restarted control plane in the same instant. One thread. */
public final class Backoff {
    static final Duration FIRST = Duration.ofMillis(200);
    static final Duration LAST = Duration.ofSeconds(10);

    private final RandomGenerator random;
    private int failures;

    public Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** The wait after one more failure: between half of the step and the step. */
    public Duration next() {
        long step = Math.min(LAST.toMillis(), FIRST.toMillis() << Math.min(failures++, 16));
        return Duration.ofMillis(step / 2 + random.nextLong(step / 2 + 1));
    }

    /** No wait is longer. */
    public static Duration longest() {
        return LAST;
    }

    public void reset() {
        failures = 0;
    }
}
