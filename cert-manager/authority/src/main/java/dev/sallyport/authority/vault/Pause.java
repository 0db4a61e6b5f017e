package dev.sallyport.authority.vault;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** After a failure: for how long not to try again. 1 to 2 s at first, doubling up to {@link #MAX} while failures follow each other. Any thread. */
final class Pause {
    private static final long MIN_MILLIS = 1_000;

    /** So long may it take that we notice a repair. */
    static final Duration MAX = Duration.ofSeconds(60);

    private static final int DOUBLINGS_MAX = 6;

    private final RandomGenerator random;
    private int failures;
    private long failedAt;
    private long until;
    private @Nullable VaultException last;

    Pause(RandomGenerator random) {
        this.random = random;
    }

    /** The failure that made it, with the time that is left; empty when trying is all right. */
    synchronized Optional<VaultException> running() {
        long left = until - System.nanoTime();
        return last == null || left <= 0
                ? Optional.empty()
                : Optional.of(new VaultException(
                        last.kind(), last.status(), String.valueOf(last.getMessage()), Duration.ofNanos(left)));
    }

    /** Whether it is the first of a series. */
    synchronized boolean failed(VaultException why) {
        long now = System.nanoTime();
        // A success in between does not end a series: another path may work while this one is forbidden.
        boolean first = last == null || now - failedAt > 2 * MAX.toNanos();
        failures = first ? 0 : failures + 1;
        long ceiling = Math.min(MIN_MILLIS << Math.min(failures, DOUBLINGS_MAX), MAX.toMillis() - MIN_MILLIS);
        until = now + TimeUnit.MILLISECONDS.toNanos(MIN_MILLIS + random.nextLong(ceiling));
        failedAt = now;
        last = why;
        return first;
    }
}
