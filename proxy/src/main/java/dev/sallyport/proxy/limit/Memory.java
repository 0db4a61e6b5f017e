package dev.sallyport.proxy.limit;

import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * How full the process's memory is: direct memory as the allocator has taken it in chunks, the heap as the last full collection left it. That figure changes with the next full collection only, which shed traffic
 * would never cause: while the heap is scarce one is asked for now and then, so that shedding ends by itself. {@link #sample} is called now and then; whoever asks reads one field.
 */
public final class Memory {
    private final LongSupplier directPercent;
    private final LongSupplier heapPercent;
    private final int percentMax;
    private static final long COLLECT_NANOS = Duration.ofSeconds(10).toNanos();

    private final Runnable collect;
    private final LongSupplier nanoTime;
    private boolean asked;
    private long askedAt;
    private volatile boolean scarce;

    /** {@code collect} asks for a full collection, away from the caller's thread. */
    Memory(
            LongSupplier directPercent,
            LongSupplier heapPercent,
            int percentMax,
            Runnable collect,
            LongSupplier nanoTime) {
        this.collect = collect;
        this.nanoTime = nanoTime;
        this.directPercent = directPercent;
        this.heapPercent = heapPercent;
        this.percentMax = percentMax;
    }

    /** Of this process; scarce from {@code percentMax} on. */
    public static Memory ofProcess(int percentMax) {
        List<MemoryPoolMXBean> pools = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP
                        && pool.getCollectionUsage() != null
                        && pool.getCollectionUsage().getMax()
                                > Runtime.getRuntime().maxMemory() / 2)
                .toList();
        return new Memory(
                () -> percent(PlatformDependent.usedDirectMemory(), PlatformDependent.maxDirectMemory()),
                () -> pools.stream().mapToLong(Memory::collected).max().orElse(0),
                percentMax,
                () -> Thread.startVirtualThread(System::gc),
                System::nanoTime);
    }

    /** Garbage does not count: what is left after a collection does. */
    private static long collected(MemoryPoolMXBean pool) {
        MemoryUsage left = pool.getCollectionUsage();
        return percent(left.getUsed(), left.getMax());
    }

    private static long percent(long used, long max) {
        return max <= 0 ? 0 : 100 * used / max;
    }

    /** Looks again. One thread. */
    public void sample() {
        boolean heap = heapPercent.getAsLong() >= percentMax;
        scarce = heap || directPercent.getAsLong() >= percentMax;
        long now = nanoTime.getAsLong();
        if (heap && (!asked || now - askedAt > COLLECT_NANOS)) {
            asked = true;
            askedAt = now;
            collect.run();
        }
    }

    boolean scarce() {
        return scarce;
    }
}
