package dev.sallyport.proxy.telemetry;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** From one event loop to one other thread, without a lock and without waking anybody; full, there is no room. A slot that holds nothing is the loop's, one that holds something the reader's. */
public final class LoopRing<T> {
    /** A power of two. At 50 looks a second enough for 100,000 requests a second of one event loop. */
    public static final int SLOTS = 2048;

    private final AtomicReferenceArray<@Nullable T> slots = new AtomicReferenceArray<>(SLOTS);
    private int written; // The loop's.
    private int read; // The reader's.

    /** On the event loop: asked first, so that nothing is made for which there is no room. */
    public boolean isFull() {
        return slots.getAcquire(written & SLOTS - 1) != null;
    }

    /** On the event loop, not when {@link #isFull}. */
    public void add(T item) {
        slots.setRelease(written++ & SLOTS - 1, item);
    }

    /** On the reader's thread. Null: there is none. */
    public @Nullable T poll() {
        int slot = read & SLOTS - 1;
        T item = slots.getAcquire(slot);
        if (item != null) {
            slots.setRelease(slot, null);
            read++;
        }
        return item;
    }
}
