package dev.sallyport.proxy.token;

import dev.sallyport.proxy.log.Log;
import io.netty.channel.EventLoop;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Signatures of tokens that were not seen before, checked on a thread of their own, so that no request waits on an event loop for another one's token. One for all event loops of a sidecar; bounded. Any thread. */
public final class SignatureChecks implements AutoCloseable {
    /** A tenth of a second's work: whoever waits longer has given up. */
    private static final int WAITING_MAX = 256;

    private static final long IDLE_SECONDS = 30;

    private final ThreadPoolExecutor thread;

    public SignatureChecks() {
        thread = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_MAX),
                task -> Thread.ofPlatform().name("tokens").daemon().unstarted(task));
        thread.allowCoreThreadTimeOut(true);
    }

    /** {@code done} hears once, on {@code loop}. False when too many wait already: then it never does. */
    public boolean begin(SignatureCheck check, EventLoop loop, Consumer<Boolean> done) {
        try {
            thread.execute(() -> answer(holds(check), loop, done));
            return true;
        } catch (RejectedExecutionException full) {
            return false;
        }
    }

    /** What fails proves nothing. */
    private static boolean holds(SignatureCheck check) {
        try {
            return check.holds();
        } catch (RuntimeException broken) {
            Log.error(
                    "a token's signature could not be checked",
                    "problem",
                    broken.getClass().getSimpleName());
            return false;
        }
    }

    private static void answer(boolean holds, EventLoop loop, Consumer<Boolean> done) {
        try {
            loop.execute(() -> done.accept(holds));
        } catch (RejectedExecutionException stopped) {
            // The sidecar stops: nobody waits any more.
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
