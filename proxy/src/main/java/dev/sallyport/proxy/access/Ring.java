package dev.sallyport.proxy.access;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** From one event loop to one other thread, without a lock and without waking anybody; full, it refuses. A slot that holds nothing is the writer's, one that holds something the reader's. */
final class Ring {
    /** A power of two. At 50 looks a second enough for 100,000 requests a second of one event loop. */
    static final int SLOTS = 2048;

    private final AtomicReferenceArray<@Nullable Seen> slots = new AtomicReferenceArray<>(SLOTS);
    private int written;
    private int read;

    /** On the event loop. False: there is no room. */
    boolean offer(Seen seen) {
        int slot = written & SLOTS - 1;
        if (slots.getAcquire(slot) != null) {
            return false;
        }
        slots.setRelease(slot, seen);
        written++;
        return true;
    }

    /** On the reader's thread. */
    @Nullable
    Seen poll() {
        int slot = read & SLOTS - 1;
        Seen seen = slots.getAcquire(slot);
        if (seen != null) {
            slots.setRelease(slot, null);
            read++;
        }
        return seen;
    }
}
