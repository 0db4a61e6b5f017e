package dev.sallyport.benchmarks.load;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/** Runs plans on one thread of its own. */
public final class LoadGenerator implements AutoCloseable {
    private final EventLoop loop = new EventLoop();

    /**
     * Runs the plan to its end, on new connections. {@code begin} and {@code end} run on the caller's thread at the limits of what is measured, while all connections stand: for counters that others keep.
     *
     * @throws io.netty.channel.ConnectTimeoutException or another of Netty's when the target does not accept
     */
    public LoadResult run(Plan plan, Runnable begin, Runnable end) {
        LoadRun run = new LoadRun(loop, plan);
        CompletableFuture<LoadResult> result = run.go();
        waitUntil(run.measureFrom());
        begin.run();
        waitUntil(run.end());
        end.run();
        LoadResult found = result.join();
        run.close();
        return found;
    }

    /** Runs the plan beside others; what comes of it when it is over. Blocks until its connections stand. */
    public CompletableFuture<LoadResult> start(Plan plan) {
        LoadRun run = new LoadRun(loop, plan);
        CompletableFuture<LoadResult> result = run.go();
        result.thenRun(run::close);
        return result;
    }

    private static void waitUntil(long nanoTime) {
        for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    @Override
    public void close() {
        loop.close();
    }
}
