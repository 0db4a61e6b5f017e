package dev.sallyport.proxy.limit;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** What a sidecar as a whole can take on, for all its event loops: so many handshakes a second, and new requests only while there is memory for them. Any thread; nobody waits. */
public final class Admission {
    /** One more burst than a second's worth: after a rotation every caller comes at once. */
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final long spacingNanos;
    private final LongSupplier nanoTime;
    private final Memory memory;
    private final AtomicLong arrival;

    /** {@code handshakesPerSecond}: at least 1; {@code nanoTime} as {@link System#nanoTime}. */
    public Admission(int handshakesPerSecond, Memory memory, LongSupplier nanoTime) {
        this.spacingNanos = SECOND_NANOS / handshakesPerSecond;
        this.memory = memory;
        this.nanoTime = nanoTime;
        this.arrival = new AtomicLong(nanoTime.getAsLong());
    }

    /** Whether one more handshake may begin: the generic cell rate algorithm with a burst of one second. A refused one costs nothing. */
    public boolean handshake() {
        while (true) {
            long now = nanoTime.getAsLong();
            long expected = arrival.get();
            long next = (expected - now > 0 ? expected : now) + spacingNanos;
            if (next - now > SECOND_NANOS) {
                return false;
            }
            if (arrival.compareAndSet(expected, next)) {
                return true;
            }
        }
    }

    /** Whether new requests are shed until memory is free again. */
    public boolean shedding() {
        return memory.scarce();
    }
}
