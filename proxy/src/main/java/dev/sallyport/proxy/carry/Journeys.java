package dev.sallyport.proxy.carry;

import dev.sallyport.proxy.carry.Journey.Handle;
import dev.sallyport.proxy.carry.Journey.Span;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Every journey of this sidecar, for all its event loops, since the application answers on one and asks on another; nobody waits for a lock that is held longer than a write to a table. Bounded. */
public final class Journeys {
    /** About 300 bytes each. Beyond it users go no further; the request itself does. */
    static final int JOURNEYS_MAX = 65_536;

    private final int most;
    private final ConcurrentHashMap<Handle, Journey> byHandle = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Span, Journey> bySpan = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    public Journeys() {
        this(JOURNEYS_MAX);
    }

    Journeys(int most) {
        this.most = most;
    }

    /** False when there are too many already. */
    boolean begin(Journey journey) {
        if (count.incrementAndGet() > most) {
            count.decrementAndGet();
            return false;
        }
        byHandle.put(journey.handle(), journey);
        bySpan.put(journey.span(), journey);
        return true;
    }

    /** From now on its handle and its span are nobody's. */
    void end(Journey journey) {
        if (byHandle.remove(journey.handle(), journey)) {
            bySpan.remove(journey.span(), journey);
            count.decrementAndGet();
        }
    }

    @Nullable
    Journey of(Handle handle) {
        return byHandle.get(handle);
    }

    @Nullable
    Journey of(Span span) {
        return bySpan.get(span);
    }

    /** Whether {@code span} of the trace, 32 hex digits, is as good as a user for now. Once it is not, it never is again: nobody draws the same twice. */
    public boolean holds(String traceId, long span) {
        long high = Long.parseUnsignedLong(traceId, 0, 16, 16);
        return bySpan.containsKey(new Span(high, Long.parseUnsignedLong(traceId, 16, 32, 16), span));
    }

    /** Under way. */
    public int size() {
        return count.get();
    }
}
