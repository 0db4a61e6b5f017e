package dev.sallyport.server.ca;

import dev.sallyport.server.store.Store;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rotation of authorities, carried on by a thread of its own: soon after something happened, and every so often in case something ended by itself. Any thread; commands block. */
public final class Rotations implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Rotations.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    /** What happens within this time is looked at once. */
    private static final Duration COALESCE = Duration.ofMillis(50);
    /** In a large fleet a look takes time on the store's one thread: between two of them others have nine tenths of it. */
    private static final int PAUSES = 9;

    private static final Duration AWAY_EVERY = Duration.ofSeconds(10);
    private static final Duration EXPIRY_EVERY = Duration.ofHours(1);
    /** Requests of ordinary length; longer ones are closed as they are at any other end of a certificate. */
    private static final Duration SETTLE = Duration.ofSeconds(5);

    private final CaRotation rotation;
    private final Look look;
    private final ExpiryWatch expiry;
    private final Authorities authorities;
    private final ScheduledExecutorService thread;
    /** An authority that is away may take long to say so; nobody else waits for it. */
    private final ScheduledExecutorService away;

    private final AtomicBoolean planned = new AtomicBoolean();
    private volatile Duration lastLook = Duration.ZERO;

    public Rotations(Store store, Authorities authorities, Fleet fleet, CaEvents events, Clock clock) {
        this.rotation = new CaRotation(store, authorities, fleet, events, clock, SETTLE, System::nanoTime);
        this.look = new Look(authorities, rotation, fleet);
        this.expiry = new ExpiryWatch(authorities, clock);
        this.authorities = authorities;
        this.thread = thread("ca");
        this.away = thread("ca-away");
    }

    private static ScheduledExecutorService thread(String name) {
        return Executors.newSingleThreadScheduledExecutor(
                task -> Thread.ofPlatform().daemon().name(name).unstarted(task));
    }

    /** Goes on with what a restart interrupted, if anything. */
    public void start() {
        thread.scheduleWithFixedDelay(() -> safely(rotation::step), 0, LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        thread.scheduleWithFixedDelay(() -> safely(expiry::look), 0, EXPIRY_EVERY.toMinutes(), TimeUnit.MINUTES);
        away.scheduleWithFixedDelay(() -> safely(this::tryThoseAway), 0, AWAY_EVERY.toSeconds(), TimeUnit.SECONDS);
    }

    private void tryThoseAway() {
        if (authorities.away()) {
            authorities.retry();
            happened();
        }
    }

    /** A periodic task that throws is never run again. */
    private static void safely(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            log.error("authorities: work failed; it is tried again", e);
        }
    }

    /** Begins one; when it returns, the next authority is staged. */
    public CaView begin(RotationRequest wanted, String by) throws RotationRefusedException {
        rotation.begin(wanted, by);
        return look.view();
    }

    /** Goes back, at any time before the old authority retires; from the way back, forward again. {@code seen}: the number of the one that is meant, if the asker says it. */
    public CaView abort(Optional<Integer> seen, String by) throws RotationRefusedException {
        rotation.abort(seen, by);
        return look.view();
    }

    /** Tries again at once, from now on without waiting for {@code exclude}, or, in an emergency, for nobody who is away. */
    public CaView proceed(Optional<Integer> seen, List<String> exclude, boolean emergency, String by)
            throws RotationRefusedException {
        rotation.proceed(seen, exclude, emergency, by);
        return look.view();
    }

    public CaView view() {
        return look.view();
    }

    /** Notes what an instance says of its canary; empty is a pass. False: nobody asked for that one. */
    public boolean canary(Instance instance, String authority, Optional<String> refused) {
        boolean asked = rotation.canary(instance, authority, refused);
        happened();
        return asked;
    }

    /** It has a new stream. Returns at once: whether anything is under way, only the store knows. */
    public void connected(Instance instance) {
        rotation.connected(instance);
        happened();
    }

    /** Something that a gate may wait for. Returns at once. */
    public void happened() {
        if (planned.compareAndSet(false, true)) {
            try {
                Duration pause = lastLook.multipliedBy(PAUSES);
                thread.schedule(this::stepOnce, Math.max(COALESCE.toMillis(), pause.toMillis()), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                // Closed: the next process goes on.
            }
        }
    }

    private void stepOnce() {
        planned.set(false);
        long started = System.nanoTime();
        safely(rotation::step);
        lastLook = Duration.ofNanos(System.nanoTime() - started);
    }

    @Override
    public void close() {
        thread.shutdownNow();
        away.shutdownNow();
    }
}
