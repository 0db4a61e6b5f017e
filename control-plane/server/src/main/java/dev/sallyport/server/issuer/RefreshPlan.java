package dev.sallyport.server.issuer;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When an issuer is asked next: well before its keys end, after a failure with growing jittered waits, and out of turn when a sidecar wants a key, at most once in
 * {@link #WANTED_EVERY} however many want it. By the wall clock, which may be set and which runs on while the machine sleeps. Pure; one thread at a time.
 */
final class RefreshPlan {
    static final Duration WANTED_EVERY = Duration.ofSeconds(30);
    private static final Duration INTERVAL_MAX = Duration.ofMinutes(5);
    /** Three more attempts before the keys end. */
    private static final int ATTEMPTS_A_LIFE = 4;

    private static final Duration RETRY_FIRST = Duration.ofMillis(500);
    private static final int DOUBLINGS_MAX = 16;

    private final RandomGenerator random;
    private Duration interval;
    private Instant next;
    private int failures;
    /** When a fetch that was wanted may begin; empty when none is. */
    private Optional<Instant> wanted = Optional.empty();

    private Instant lastWanted = Instant.MIN;

    /** The first fetch is due at once. */
    RefreshPlan(Duration maxStale, Instant now, RandomGenerator random) {
        this.random = random;
        this.interval = interval(maxStale);
        this.next = now;
    }

    private static Duration interval(Duration maxStale) {
        Duration quarter = maxStale.dividedBy(ATTEMPTS_A_LIFE);
        return quarter.compareTo(INTERVAL_MAX) < 0 ? quarter : INTERVAL_MAX;
    }

    Duration interval() {
        return interval;
    }

    /** The issuer is declared in another way: what was learnt of it may not hold. */
    void redeclared(Duration maxStale, Instant now) {
        interval = interval(maxStale);
        next = now;
    }

    /** When the next fetch begins, as it looks now. */
    Instant next() {
        return wanted.filter(next::isAfter).orElse(next);
    }

    /** Nothing is ever planned farther ahead than one interval: if it seems so, the clock was set back, and waiting for it would be waiting for the keys to end. */
    boolean due(Instant now) {
        return !now.isBefore(next()) || next().isAfter(now.plus(interval));
    }

    /** A sidecar saw a key id that its snapshot does not have. */
    void wanted(Instant now) {
        if (wanted.isEmpty()) {
            boolean free = lastWanted.isAfter(now) || !now.isBefore(lastWanted.plus(WANTED_EVERY));
            wanted = Optional.of(free ? now : lastWanted.plus(WANTED_EVERY));
        }
    }

    /** Any fetch answers what was wanted before it began; only one that would not have been costs the wait. */
    void started(Instant now) {
        if (wanted.isPresent() && now.isBefore(next)) {
            lastWanted = now;
        }
        wanted = Optional.empty();
    }

    void succeeded(Instant now) {
        failures = 0;
        next = now.plus(interval);
    }

    /** The wait is between half of the step and the step, so that issuers behind one broken proxy do not return together. */
    void failed(Instant now) {
        Duration grown = RETRY_FIRST.multipliedBy(1L << Math.min(failures++, DOUBLINGS_MAX));
        long step = Math.min(grown.toMillis(), interval.toMillis());
        next = now.plusMillis(step / 2 + random.nextLong(step / 2 + 1));
    }
}
