package dev.sallyport.audit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Looks from outside whether the writer is kept by its disk: nothing interrupts a thread that waits for a device. After the deadline those who must wait hear that their records failed
 * (though the disk may have them yet), and so does everybody at once who comes later, until it answers. A thread of its own, asleep while the writer is.
 */
final class DeviceWatch implements Runnable {
    /** Looks a deadline. */
    private static final int LOOKS = 5;

    /** In which nothing happens, before it sleeps until something does. */
    private static final int IDLE_LOOKS = 20;

    private final Intake intake;
    private final long deadlineNanos;
    private final Object mutex = new Object();
    // Under the mutex.
    private List<Waiting> batch = List.of();
    private boolean atWork;
    private long sinceNanos;
    private boolean stuck;
    private long begun;

    private volatile boolean asleep;
    private volatile boolean closed;
    private volatile @Nullable Thread thread;

    DeviceWatch(Intake intake, Duration deadline) {
        this.intake = intake;
        this.deadlineNanos = deadline.toNanos();
    }

    /** The writer's thread: from now on it is in the hands of the disk, with this batch, which it does not change until {@link #end}. */
    void begin(List<Waiting> withBatch) {
        synchronized (mutex) {
            batch = withBatch;
            atWork = true;
            sinceNanos = System.nanoTime();
            begun++;
        }
        if (asleep) {
            asleep = false;
            LockSupport.unpark(thread);
        }
    }

    /** The writer's thread: the disk has answered. How long that took, if it was too long for those who waited; 0 otherwise. */
    Duration end() {
        synchronized (mutex) {
            atWork = false;
            batch = List.of();
            if (!stuck) {
                return Duration.ZERO;
            }
            stuck = false;
            intake.stuck(false);
            return Duration.ofNanos(System.nanoTime() - sinceNanos);
        }
    }

    void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        long seen = 0;
        int idle = 0;
        while (!closed) {
            look();
            long now = begun();
            idle = now == seen ? idle + 1 : 0;
            seen = now;
            if (idle < IDLE_LOOKS) {
                LockSupport.parkNanos(this, deadlineNanos / LOOKS);
            } else {
                asleep = true;
                // Looked at after it is set: a writer that began before that did not see us sleep.
                if (begun() == seen && !isAtWork()) {
                    LockSupport.park(this);
                }
                asleep = false;
                idle = 0;
            }
        }
    }

    private long begun() {
        synchronized (mutex) {
            return begun;
        }
    }

    private boolean isAtWork() {
        synchronized (mutex) {
            return atWork;
        }
    }

    private void look() {
        List<Waiting> failed = new ArrayList<>();
        synchronized (mutex) {
            if (!atWork || System.nanoTime() - sinceNanos < deadlineNanos) {
                return;
            }
            stuck = true;
            intake.stuck(true);
            failed.addAll(batch);
        }
        // What came while nobody knew yet.
        intake.forEach(failed::add);
        failed.removeIf(waiting -> !Waiting.isRequired(waiting));
        Answers.give(failed, AuditLog.Outcome.FAILED, AuditLog.Outcome.FAILED);
    }
}
