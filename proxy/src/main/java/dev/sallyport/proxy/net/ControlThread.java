package dev.sallyport.proxy.net;

import dev.sallyport.proxy.log.Log;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one thread on which the control side lives: it may block on disk and compile policies, which an event loop must not. What fails here is a defect, and is logged as one instead
 * of vanishing in a future. Late tasks of a stopped process are dropped. Open for tests that move its time.
 */
public class ControlThread extends ScheduledThreadPoolExecutor {
    @SuppressWarnings("this-escape") // into the JDK's own, and nothing is ready to run yet
    public ControlThread() {
        super(1, Thread.ofPlatform().name("control").daemon().factory(), new DiscardPolicy());
        setRemoveOnCancelPolicy(true);
        setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** When {@code future} is done, calls one of the two on this thread: with its value, or with what went wrong. */
    public <T> void after(CompletableFuture<T> future, Consumer<T> done, Consumer<String> failed) {
        future.thenAccept(value -> execute(() -> done.accept(value)));
        future.exceptionally(failure -> {
            execute(() -> failed.accept(failure.getMessage() == null ? failure.toString() : failure.getMessage()));
            return null;
        });
    }

    /**
     * Ends the task under way and starts no other; at most {@code limit}. Never by interruption, which would tear a file that is being replaced, and with it a certificate or a
     * snapshot that the control plane believes to be here.
     */
    public void finish(Duration limit) {
        shutdown();
        try {
            if (!awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                Log.warn("control thread did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
        super.afterExecute(task, thrown);
        Throwable failure = thrown;
        if (failure == null && task instanceof Future<?> future && future.isDone() && !future.isCancelled()) {
            try {
                future.get();
            } catch (ExecutionException e) {
                failure = e.getCause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (failure != null) {
            Log.defect("control thread", failure);
        }
    }
}
