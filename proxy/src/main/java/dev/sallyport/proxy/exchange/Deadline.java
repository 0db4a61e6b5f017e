package dev.sallyport.proxy.exchange;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The one clock of a connection: what happens if nothing moves it on in time. Moving it costs a field write; a task is scheduled only for an earlier time than the one that is. Event loop only. */
final class Deadline {
    private final EventExecutor loop;
    private @Nullable Runnable action;
    private long at;
    private long scheduledFor;
    private boolean scheduled;

    Deadline(EventExecutor loop) {
        this.loop = loop;
    }

    void set(Duration wait, Runnable onPassed) {
        at = System.nanoTime() + wait.toNanos();
        action = onPassed;
        if (!scheduled || at - scheduledFor < 0) {
            schedule(wait.toNanos());
        }
    }

    void clear() {
        action = null;
    }

    private void schedule(long nanos) {
        scheduled = true;
        long due = System.nanoTime() + nanos;
        scheduledFor = due;
        loop.schedule(() -> check(due), nanos, TimeUnit.NANOSECONDS);
    }

    private void check(long due) {
        if (due != scheduledFor) {
            return; // An earlier one took its place.
        }
        scheduled = false;
        Runnable current = action;
        if (current != null) {
            long left = at - System.nanoTime();
            if (left > 0) {
                schedule(left);
            } else {
                action = null;
                current.run();
            }
        }
    }
}
