package dev.sallyport.proxy.testing;

import dev.sallyport.proxy.net.ControlThread;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A control thread whose time a test moves: each task runs on the test's thread when its time has come, in order, and the clock stands still between two. */
public final class ManualControl extends ControlThread {
    private record Task(Instant at, long number, Runnable run) {}

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparing(Task::at).thenComparingLong(Task::number));
    private final Clock clock = ((InstantSource) () -> this.now).withZone(ZoneOffset.UTC);
    private Instant now;
    private long number;

    public ManualControl(Instant start) {
        now = start;
    }

    public Clock clock() {
        return clock;
    }

    public Instant now() {
        return now;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(new Task(now, number++, task));
    }

    /** What is returned cancels nothing. */
    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        tasks.add(new Task(now.plus(Duration.of(delay, unit.toChronoUnit())), number++, task));
        return super.schedule(() -> {}, 0, TimeUnit.NANOSECONDS);
    }

    /** Runs whatever is due until {@code end}, which is then the time. */
    public void runUntil(Instant end) {
        for (Task next = tasks.peek(); next != null && !next.at().isAfter(end); next = tasks.peek()) {
            tasks.remove();
            now = next.at().isAfter(now) ? next.at() : now;
            next.run().run();
        }
        now = end;
    }

    /** Whatever is due now. */
    public void runDue() {
        runUntil(now);
    }
}
