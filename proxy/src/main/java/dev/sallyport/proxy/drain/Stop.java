package dev.sallyport.proxy.drain;

import dev.sallyport.proxy.log.Log;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The one request to end, whether it comes as a signal, as the end of standard input, or from the administrator. Any thread; the first counts. */
public final class Stop {
    private final CompletableFuture<String> requested = new CompletableFuture<>();
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread main = Thread.currentThread();
    private volatile boolean serving;

    /** SIGTERM and SIGINT, which reach the JVM as its shutdown: it is held up until the drain is over, at most {@code limit}. */
    public void onSignal(Duration limit) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            request("signal");
                            try {
                                if (!done.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                                    Log.error("stopped before the drain was over");
                                }
                                Log.flush(Duration.ofSeconds(1));
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "stop"));
    }

    /** The parent that started us holds the other end: when it dies, so do we. */
    public void onEndOfStdin() {
        Thread.ofPlatform().name("stdin").daemon().start(() -> {
            try {
                while (System.in.read() >= 0) {
                    // What arrives says nothing; that it ends does.
                }
            } catch (IOException e) {
                // Ended as well.
            }
            request("end of standard input");
        });
    }

    /** A main thread that is still joining is interrupted; one that serves drains. */
    public void request(String why) {
        if (requested.complete(why) && !serving) {
            main.interrupt();
        }
    }

    /** From here on a request lets the main thread finish in its own time. */
    public void serving() {
        serving = true;
    }

    /** Completes with the reason. */
    public CompletableFuture<String> requested() {
        return requested;
    }

    /** Everything is closed; a JVM that is shutting down may go on with it. */
    public void done() {
        done.countDown();
    }
}
