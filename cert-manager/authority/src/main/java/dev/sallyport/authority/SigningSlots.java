package dev.sallyport.authority;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** How many signatures are asked of a server at once, and how many callers wait for that, for how long. What is beyond is told to come later, at once. Any thread. */
final class SigningSlots {
    /** Enough to keep a server of many cores busy across a network; one on ours is busy with four. */
    static final int AT_ONCE_MAX = 32;

    static final int WAITING_MAX = 2_000;
    static final Duration WAIT_MAX = Duration.ofSeconds(10);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    private final Semaphore free = new Semaphore(AT_ONCE_MAX, true);

    /** To be closed by the same caller when the answer is there. */
    Slot take() throws AuthorityUnavailableException {
        if (free.getQueueLength() >= WAITING_MAX) {
            throw full("as many wait");
        }
        try {
            if (!free.tryAcquire(WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                throw full("no turn within " + WAIT_MAX.toSeconds() + " s");
            }
            return free::release;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw full("interrupted");
        }
    }

    /** A turn. */
    interface Slot extends AutoCloseable {
        @Override
        void close();
    }

    private static AuthorityUnavailableException full(String why) {
        return new AuthorityUnavailableException(
                "vault: " + AT_ONCE_MAX + " signatures under way, " + why + " (expected: <= " + WAITING_MAX
                        + " that wait)",
                RETRY_AFTER);
    }
}
