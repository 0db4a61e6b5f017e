package dev.sallyport.proxy.opa;

import dev.sallyport.proxy.controlplane.Backoff;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Spares an OPA that does not answer, and those who would wait for it: after {@value #FAILURES_MAX} failures in a row it is open for the wait of a {@link Backoff} (0.2 s at first, 10 s
 * at most, jittered), then lets one question through whose outcome closes it or opens it for longer. One event loop.
 */
final class Breaker {
    static final int FAILURES_MAX = 5;

    private final LongSupplier nanoTime;
    private final Backoff backoff;
    private int failures;
    private boolean probing;
    private long probeAt;

    Breaker(LongSupplier nanoTime, RandomGenerator random) {
        this.nanoTime = nanoTime;
        this.backoff = new Backoff(random);
    }

    boolean open() {
        return failures == FAILURES_MAX;
    }

    /** Whether a question may go; {@link #answered} or {@link #failed} must follow each that does. */
    boolean admits() {
        if (!open()) {
            return true;
        }
        if (probing || nanoTime.getAsLong() - probeAt < 0) {
            return false;
        }
        probing = true;
        return true;
    }

    void answered() {
        failures = 0;
        probing = false;
        backoff.reset();
    }

    void failed() {
        if (open() && !probing) {
            return; // It was asked before the breaker opened, and says nothing new.
        }
        if (!probing) {
            failures++;
        }
        if (open()) {
            probing = false;
            probeAt = nanoTime.getAsLong() + backoff.next().toNanos();
        }
    }
}
