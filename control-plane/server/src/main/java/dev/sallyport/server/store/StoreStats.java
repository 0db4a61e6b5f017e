package dev.sallyport.server.store;

import java.util.concurrent.atomic.LongAdder;

/** What callers of the store have met since its start. Any thread. */
public final class StoreStats {
    private final LongAdder calls = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAdder failures = new LongAdder();

    StoreStats() {}

    void ended(long tookNanos) {
        calls.increment();
        nanos.add(tookNanos);
    }

    void failed() {
        failures.increment();
    }

    /** Calls that ended, whether well or not. */
    public long calls() {
        return calls.sum();
    }

    /** What they took together, waiting for the one thread included. */
    public double seconds() {
        return nanos.sum() / 1e9;
    }

    /** Calls that the database failed, or that found no room to wait; not those whose caller's own rules refused. */
    public long failures() {
        return failures.sum();
    }
}
