package dev.sallyport.proxy.snapshot;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The snapshot in force. Written by the control side, read once per request by any event loop; both without a lock. */
public final class Snapshots {
    private final Clock clock;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable CompiledSnapshot current;

    public Snapshots(Clock clock) {
        this.clock = clock;
    }

    /** Empty before the first one, and once it is past {@code validUntil}: then every request is {@code policy_unavailable}. */
    public Optional<CompiledSnapshot> current() {
        return at(clock.instant());
    }

    /** The same for a request that arrived at {@code now}. */
    public Optional<CompiledSnapshot> at(Instant now) {
        CompiledSnapshot held = current;
        return held == null || now.isAfter(held.snapshot().validUntil()) ? Optional.empty() : Optional.of(held);
    }

    /** What is held, expired or not; for the admin listener and for order checks, never for a decision. */
    public Optional<CompiledSnapshot> latest() {
        return Optional.ofNullable(current);
    }

    /** Every request that starts after this call sees {@code next}; the caller has checked that it is newer. */
    public void swap(CompiledSnapshot next) {
        current = next;
        listeners.forEach(Runnable::run);
    }

    /** Called after each swap, on the swapping thread. */
    public void onSwap(Runnable listener) {
        listeners.add(listener);
    }
}
