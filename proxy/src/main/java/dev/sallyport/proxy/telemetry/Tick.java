package dev.sallyport.proxy.telemetry;

import java.util.concurrent.atomic.AtomicLong;

/** A counter with one writer: an addition and a store. */
final class Tick {
    private final AtomicLong value = new AtomicLong();

    /** On its loop. */
    void tick() {
        value.setRelease(value.getPlain() + 1);
    }

    /** Any thread. */
    long value() {
        return value.getAcquire();
    }
}
