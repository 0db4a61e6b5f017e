package dev.sallyport.proxy.drain;

import dev.sallyport.proxy.log.Log;
import java.time.Duration;

/**
 * The end of the traffic, in the order in which nothing is lost: not ready any more, a pause in which load balancers notice, no new inbound connections, and then what is under way
 * may end until the one deadline. Outbound stays open for the application's last calls all the while.
 */
public final class Drain {
    private static final Duration POLL = Duration.ofMillis(20);

    /** The data path, as far as a drain is concerned. */
    public interface Traffic {
        /** Returns at once; what is left at {@code deadline} is cut. */
        void beginDrain(Duration deadline);

        /** Requests under way. */
        long active();
    }

    private final Duration delay;
    private final Duration deadline;
    private final Traffic traffic;
    private volatile boolean draining;

    /** {@code delay} before refusing, {@code deadline} after it. */
    public Drain(Duration delay, Duration deadline, Traffic traffic) {
        this.delay = delay;
        this.deadline = deadline;
        this.traffic = traffic;
    }

    /** For the readiness check. Any thread. */
    public boolean draining() {
        return draining;
    }

    /** Blocks until nothing is under way, or the deadline. */
    public void run() throws InterruptedException {
        draining = true;
        Thread.sleep(delay);
        traffic.beginDrain(deadline);
        long end = System.nanoTime() + deadline.toNanos();
        while (traffic.active() > 0 && System.nanoTime() < end) {
            Thread.sleep(POLL);
        }
        long cut = traffic.active();
        if (cut > 0) {
            Log.warn(
                    "drain deadline reached, requests are cut",
                    "requests",
                    cut,
                    "deadlineSeconds",
                    deadline.toSeconds());
        }
    }
}
