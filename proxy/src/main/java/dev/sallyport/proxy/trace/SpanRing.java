package dev.sallyport.proxy.trace;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** From one event loop and direction to the exporter: one writer, one reader, no lock, and nobody is woken. A slot that is taken is the end of the room. */
final class SpanRing {
    /** About 1 KiB each, at most 24 KiB where all that a client can choose is long ({@link EndedSpan}). At the exporter's look every 50 ms: 40,000 a second. */
    static final int SPANS_MAX = 2048;

    private final AtomicReferenceArray<@Nullable EndedSpan> slots = new AtomicReferenceArray<>(SPANS_MAX);
    private int written; // The writer's.
    private int read; // The reader's.

    boolean isFull() {
        return slots.getAcquire(written & SPANS_MAX - 1) != null;
    }

    /** Not when {@link #isFull}. */
    void add(EndedSpan span) {
        slots.setRelease(written++ & SPANS_MAX - 1, span);
    }

    /** Null: there is none. */
    @Nullable
    EndedSpan poll() {
        int slot = read & SPANS_MAX - 1;
        EndedSpan span = slots.getAcquire(slot);
        if (span != null) {
            slots.setRelease(slot, null);
            read++;
        }
        return span;
    }
}
