package dev.sallyport.proxy.limit;

import dev.sallyport.policy.RoutePolicy.Limit;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * The limits of routes, one for all event loops of a sidecar: lock-free, nobody waits. Buckets are counted and bounded. A newcomer looks at a few old ones and takes the place of
 * those that are full again, which lose nothing by it; where all are in use it is refused, for taking the place of one in use would give that one a new burst.
 */
public final class Limiter {
    /** Callers and users that are counted at once; about 250 bytes each. */
    static final int BUCKETS_MAX = 65_536;

    /** What a newcomer looks at. More than one, so that idle ones go faster than new ones come; few, for an event loop pays. */
    private static final int SWEPT_MAX = 16;

    private final LongSupplier nanoTime;
    private final long origin;
    private final int bucketsMax;
    private final ConcurrentHashMap<Bucket.Key, Bucket> buckets = new ConcurrentHashMap<>();
    /** Each bucket of the table once, the one that was looked at longest ago first. */
    private final ConcurrentLinkedQueue<Bucket> round = new ConcurrentLinkedQueue<>();

    private final AtomicInteger count = new AtomicInteger();

    /** {@code nanoTime}: a clock that is never set back, in nanoseconds. */
    public Limiter(LongSupplier nanoTime) {
        this(nanoTime, BUCKETS_MAX);
    }

    Limiter(LongSupplier nanoTime, int bucketsMax) {
        this.nanoTime = nanoTime;
        this.origin = nanoTime.getAsLong();
        this.bucketsMax = bucketsMax;
    }

    /** Counts one request on {@code route} ({@code payment/charge}) for {@code who}. Any thread. */
    public LimitResult take(String route, Limit limit, Counted who) {
        Bucket.Key key = new Bucket.Key(route, limit, who);
        long now = nanoTime.getAsLong() - origin;
        while (true) {
            Bucket bucket = buckets.get(key);
            if (bucket == null) {
                sweep(now);
                if (!reserve()) {
                    return LimitResult.TABLE_FULL;
                }
                Bucket fresh = new Bucket(key, now);
                bucket = buckets.putIfAbsent(key, fresh);
                if (bucket == null) {
                    round.add(fresh);
                    return LimitResult.WITHIN;
                }
                count.decrementAndGet();
            }
            long early = bucket.take(now);
            if (early == Bucket.TAKEN) {
                return LimitResult.WITHIN;
            }
            if (early != Bucket.GONE) {
                return LimitResult.exceeded(early);
            }
            buckets.remove(key, bucket); // Whoever retired it is about to do the same.
        }
    }

    private boolean reserve() {
        if (count.incrementAndGet() <= bucketsMax) {
            return true;
        }
        count.decrementAndGet();
        return false;
    }

    private void sweep(long now) {
        for (int i = 0; i < SWEPT_MAX; i++) {
            Bucket bucket = round.poll();
            if (bucket == null) {
                return;
            }
            if (bucket.retire(now)) {
                buckets.remove(bucket.key(), bucket);
                count.decrementAndGet();
            } else {
                round.add(bucket);
            }
        }
    }

    /** Buckets in the table. */
    public int size() {
        return count.get();
    }
}
