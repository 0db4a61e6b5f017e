package dev.sallyport.benchmarks.vault;

import dev.sallyport.benchmarks.load.LoadResult;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;

/** So many callers at once, each with its next request as soon as its last is answered. */
public final class ClosedLoop {
    private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Signing signing;
    private final AtomicInteger turn = new AtomicInteger();
    private final Histogram latencies = new Histogram(HIGHEST_NANOS, 3); // guarded by this, as is errors
    private final SortedMap<String, Long> errors = new TreeMap<>();

    private ClosedLoop(Signing signing) {
        this.signing = signing;
    }

    /** Blocks until the time is over and the last is answered. */
    public static LoadResult run(Signing signing, int callers, Duration time) throws InterruptedException {
        ClosedLoop loop = new ClosedLoop(signing);
        long from = System.nanoTime();
        long end = from + time.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            threads.add(Thread.ofVirtual().start(() -> loop.call(end)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - from) / 1e9;
        return new LoadResult(loop.latencies, loop.errors, loop.latencies.getTotalCount() / seconds);
    }

    private void call(long end) {
        while (System.nanoTime() - end < 0) {
            long from = System.nanoTime();
            try {
                signing.leaf(turn.getAndIncrement() & Integer.MAX_VALUE);
                ended(System.nanoTime() - from);
            } catch (IOException e) {
                failed(String.valueOf(e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private synchronized void ended(long nanos) {
        latencies.recordValue(Math.min(nanos, HIGHEST_NANOS));
    }

    private synchronized void failed(String why) {
        errors.merge(why, 1L, Long::sum);
    }
}
