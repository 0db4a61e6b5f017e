package dev.sallyport.proxy.access;

import dev.sallyport.proxy.telemetry.AccessMetrics;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.Observer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** The listeners that there are, at most {@link #MAX}. While there is none a request pays for one volatile read. */
public final class Taps implements Observer.Maker {
    public static final int MAX = 4;

    private final AccessMetrics metrics;
    private final LongSupplier nanos;
    private volatile Tap[] open = {};
    private volatile boolean ended;

    /** {@code nanos}: {@link System#nanoTime}. */
    public Taps(AccessMetrics metrics, LongSupplier nanos) {
        this.metrics = metrics;
        this.nanos = nanos;
    }

    @Override
    public Observer on(Direction direction) {
        return (record, reason, head, _) -> {
            for (Tap tap : open) {
                tap.ended(record, reason, head);
            }
        };
    }

    /** Empty: there are {@link #MAX} already, or {@link #ended}. Any thread. The caller closes it. */
    public synchronized Optional<Tap> open(Tap.Wish wish) {
        if (ended || open.length == MAX) {
            return Optional.empty();
        }
        Tap tap = new Tap(wish, this, metrics, nanos);
        List<Tap> all = new ArrayList<>(List.of(open));
        all.add(tap);
        open = all.toArray(Tap[]::new);
        return Optional.of(tap);
    }

    synchronized void closed(Tap tap) {
        List<Tap> all = new ArrayList<>(List.of(open));
        all.remove(tap);
        open = all.toArray(Tap[]::new);
    }

    /** The sidecar drains: every listener is told its end, and nobody begins to listen. */
    public synchronized void end() {
        ended = true;
    }

    public boolean ended() {
        return ended;
    }
}
