package dev.sallyport.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** The log's second thread: prepares the next segment while the writer fills this one, and does what else would keep the writer. For the writer's thread. */
final class Ahead implements Executor {
    /** Between two attempts to make a segment on a disk that refused the last one: each fills it with zeros first. */
    static final Duration RETRY_AFTER = Duration.ofMillis(250);

    /** A log that begins takes a small segment, so that nobody waits until it is full of zeros. */
    private static final long FIRST_BYTES_MAX = 1024 * 1024;

    /** A segment that is ready: all zeros, and the disk has them. */
    record Ready(Storage storage, long bytes) {}

    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("audit-log-ahead").daemon().factory());
    private final Storage.Factory factory;
    private final Segments segments;
    private final Path next;
    private final long segmentBytes;
    private CompletableFuture<Ready> ready = new CompletableFuture<>();
    private Future<?> task = CompletableFuture.completedFuture("");
    /** Somebody waits for it. */
    private volatile boolean awaited = true;

    private long refusedAtNanos = System.nanoTime() - RETRY_AFTER.toNanos();

    Ahead(Path folder, Storage.Factory factory, Segments segments, long segmentBytes) {
        this.factory = factory;
        this.segments = segments;
        this.segmentBytes = segmentBytes;
        this.next = folder.resolve(LogFolder.NEXT);
    }

    /** The first segment of all, in the caller's thread. */
    Ready first() throws IOException {
        boolean left = Files.exists(next) && Files.size(next) == segmentBytes;
        return make(0, left ? segmentBytes : Math.min(segmentBytes, FIRST_BYTES_MAX));
    }

    /** Begins to make the next one. {@code live}: what the open one has on disk. */
    void prepare(long live) {
        CompletableFuture<Ready> making = new CompletableFuture<>();
        ready = making;
        try {
            task = thread.submit(() -> {
                try {
                    making.complete(make(live, segmentBytes));
                } catch (IOException | RuntimeException e) {
                    making.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            making.completeExceptionally(e); // The log is closed.
        }
    }

    private Ready make(long live, long bytes) throws IOException {
        if (!segments.hasRoom(live, bytes)) {
            segments.lookAgain();
        }
        if (!segments.hasRoom(live, bytes)) {
            throw new StandstillException("audit log: " + segments.usedBytes() + " bytes (expected: at most "
                    + segments.bytesMax() + "; a collector's receipts free some)");
        }
        Storage storage = factory.prepare(next, bytes, () -> !awaited);
        segments.prepared(bytes);
        return new Ready(storage, bytes);
    }

    /** Waits until it is there; {@link #taken} says that it is used. StandstillException: the disk refuses it, or the log has all the bytes that it may have. */
    Ready await(long live) throws IOException {
        if (ready.isCompletedExceptionally()) {
            if (System.nanoTime() - refusedAtNanos < RETRY_AFTER.toNanos()) {
                throw refused(ready);
            }
            prepare(live);
        }
        awaited = true;
        try {
            return ready.get();
        } catch (ExecutionException e) {
            refusedAtNanos = System.nanoTime();
            throw refused(ready);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StandstillException(e);
        } finally {
            awaited = false;
        }
    }

    private static StandstillException refused(CompletableFuture<Ready> refused) {
        Throwable cause = refused.exceptionNow();
        return cause instanceof StandstillException full ? full : new StandstillException(cause);
    }

    /** The writer has it now, under another name. */
    void taken(long live) {
        segments.prepared(0);
        awaited = false;
        prepare(live);
    }

    /** Cuts a segment that ended to its length: only the live one ends in zeros. */
    void finish(Storage ended, long bytes) {
        execute(() -> {
            try (ended) {
                ended.truncate(bytes);
            } catch (IOException e) {
                // Readers stop at the first zero, and so does whoever opens the log.
            }
        });
    }

    @Override
    public void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            // The log is closed: whoever opens it again does what is left.
        }
    }

    /** Gives up the segment that is being made, does what else there is to do, at most so long, and lets go of what nobody took. */
    void close(Duration within) {
        if (!ready.isDone()) {
            task.cancel(true);
        }
        thread.shutdown();
        try {
            if (thread.awaitTermination(within.toMillis(), TimeUnit.MILLISECONDS)
                    && ready.isDone()
                    && !ready.isCompletedExceptionally()) {
                ready.join().storage().close();
            }
        } catch (IOException e) {
            // Nothing was written to it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
