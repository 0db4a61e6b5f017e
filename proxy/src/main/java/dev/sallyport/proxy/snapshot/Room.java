package dev.sallyport.proxy.snapshot;

import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Whether the heap has room for one more snapshot beside the one that rules until the other is whole. Asked before anything of it is read: a heap that overflows on the way would end the process, and with it a service
 * whose rules were good. Not on an event loop, for it may collect.
 */
public final class Room {
    /**
     * Heap for each signed byte where most is held at once: text, tree, documents and what is compiled of them. Measured as the least heap in which it worked, for 2,000 to 40,000 rules: 21 to 27; what stays is 10 to 17
     * of that.
     */
    static final int HEAP_BYTES_EACH = 28;

    private final long max;
    private final LongSupplier used;
    private final Runnable collect;

    /** {@code max} and {@code used} in bytes; {@code collect} makes that garbage is no longer used. */
    Room(long max, LongSupplier used, Runnable collect) {
        this.max = max;
        this.used = used;
        this.collect = collect;
    }

    /** In this process's heap. */
    public static Room ofProcess() {
        Runtime runtime = Runtime.getRuntime();
        return new Room(runtime.maxMemory(), () -> runtime.totalMemory() - runtime.freeMemory(), System::gc);
    }

    /** Why a snapshot of so many signed bytes does not fit; empty if it does. */
    public Optional<String> problem(long bytes) {
        long needed = bytes * HEAP_BYTES_EACH;
        if (needed <= left()) {
            return Optional.empty();
        }
        collect.run(); // Only in doubt: it holds up every thread for the time of a full collection.
        long left = left();
        return needed <= left
                ? Optional.empty()
                : Optional.of(
                        "snapshot of " + bytes + " bytes: takes about " + mebibytes(needed)
                                + " MiB of heap (expected: <= " + mebibytes(left) + " MiB, which the heap of "
                                + mebibytes(max)
                                + " MiB has left beside the snapshot held; it needs fewer rules or services, or a larger -Xmx)");
    }

    private long left() {
        return max - used.getAsLong();
    }

    private static long mebibytes(long bytes) {
        return bytes >> 20;
    }
}
