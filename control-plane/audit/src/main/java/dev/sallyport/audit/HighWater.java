package dev.sallyport.audit;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Numbers are used only up to a limit that the disk knows, so that after a crash it is known which ones were never used. The limit is raised ahead of its use, by more the faster
 * numbers go: about once a second. The writer's thread, except where it says otherwise.
 */
final class HighWater {
    /** Numbers a step. */
    static final long STEP_MIN = 64;

    static final long STEP_MAX = 65_536;

    /** What a crash is said to have cost where the limit itself is lost: a step, and more than a batch. */
    static final long UNKNOWN = 2 * STEP_MAX;

    private static final long SOON_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LATE_NANOS = Duration.ofSeconds(10).toNanos();

    private final DurableNumber limit;
    private final Executor ahead;
    private long step = STEP_MIN;
    private long raisedAtNanos = System.nanoTime();
    private long asked;

    /** {@code ahead} runs what may take long, elsewhere. */
    HighWater(DurableNumber limit, Executor ahead) {
        this.limit = limit;
        this.ahead = ahead;
        this.asked = limit.value();
    }

    /** Numbers up to {@code last} are about to be used; after a StandstillException they are not. */
    void use(long last) throws StandstillException {
        if (last > asked - step / 2) {
            long now = System.nanoTime();
            long took = now - raisedAtNanos;
            raisedAtNanos = now;
            step = took < SOON_NANOS
                    ? Math.min(2 * step, STEP_MAX)
                    : took > LATE_NANOS ? Math.max(step / 2, STEP_MIN) : step;
            long wanted = last + step;
            asked = wanted;
            ahead.execute(() -> raise(wanted));
        }
        if (last > limit.value()) {
            try {
                limit.raise(last + step);
            } catch (IOException e) {
                throw new StandstillException(e);
            }
            asked = last + step;
        }
    }

    /** Elsewhere. */
    private void raise(long to) {
        try {
            limit.raise(to);
        } catch (IOException e) {
            // Whoever needs the number meets the same disk.
        }
    }
}
