package dev.sallyport.proxy.limit;

import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.function.LongSupplier;

/** How full the process's memory is: direct memory as buffers take it, the heap as the last full collection left it. {@link #sample} is called now and then; whoever asks reads one field. */
public final class Memory {
    private final LongSupplier directPercent;
    private final LongSupplier heapPercent;
    private final int percentMax;
    private volatile boolean scarce;

    Memory(LongSupplier directPercent, LongSupplier heapPercent, int percentMax) {
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
                percentMax);
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
        scarce = directPercent.getAsLong() >= percentMax || heapPercent.getAsLong() >= percentMax;
    }

    boolean scarce() {
        return scarce;
    }
}
