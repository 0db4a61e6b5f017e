package dev.sallyport.server.copies;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** Waits longer after each failure in a row, never for ever and never in step with others; a sink that names a time gets it, within reason. One thread. */
final class Backoff {
    static final Duration FIRST = Duration.ofMillis(500);
    static final Duration LONGEST = Duration.ofSeconds(30);
    /** A sink may ask for more peace than we would give it; an hour of silence because of one typing error is too much. */
    static final Duration ASKED_LONGEST = Duration.ofMinutes(5);

    private final CountDownLatch stopped;
    private final RandomGenerator random;
    private final Duration first;
    private int failures;

    /** {@code stopped}: ends each wait. */
    Backoff(CountDownLatch stopped, RandomGenerator random, Duration first) {
        this.stopped = stopped;
        this.random = random;
        this.first = first;
    }

    void succeeded() {
        failures = 0;
    }

    /** InterruptedException: it was stopped. */
    void failed(Optional<Duration> asked) throws InterruptedException {
        if (stopped.await(next(asked).toMillis(), TimeUnit.MILLISECONDS)) {
            throw new InterruptedException("stopped");
        }
    }

    /** How long to wait after one more failure. */
    Duration next(Optional<Duration> asked) {
        long most = Math.min(first.toMillis() << Math.min(failures++, 20), LONGEST.toMillis());
        long own = most / 2 + (long) (random.nextDouble() * most / 2);
        long wanted = Math.min(asked.map(Duration::toMillis).orElse(0L), ASKED_LONGEST.toMillis());
        return Duration.ofMillis(Math.max(own, wanted));
    }
}
