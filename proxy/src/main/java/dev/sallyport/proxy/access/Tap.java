package dev.sallyport.proxy.access;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.telemetry.AccessMetrics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Decisions for one listener as they are made, at most so many a second: of the others each second's end says how many there were, {@code {"skipped":n}}. What waits is bounded by the rate: a second that the listener has
 * not read makes no room for the next one, so that a slow reader loses lines and never takes memory.
 */
public final class Tap implements AutoCloseable {
    /** {@code denied}: only denials; {@code route}: as {@code payment/charge}; {@code caller}: a SPIFFE ID; {@code perSecond}: 1 to {@link #PER_SECOND_MAX}. */
    public record Wish(boolean denied, Optional<String> route, Optional<String> caller, int perSecond) {}

    public static final int PER_SECOND_MAX = 1000;

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final int READ_BYTES = Math.max(1 << 16, 2 * AccessLine.BYTES_MAX);

    private final Wish wish;
    private final Taps taps;
    private final AccessMetrics metrics;
    private final LongSupplier nanos;
    private final Queue<Seen> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicLong skipped = new AtomicLong();
    // Of the reader.
    private final ByteBuffer lines = ByteBuffer.allocate(READ_BYTES);
    private final AccessLine line = new AccessLine(lines);
    private long second;

    Tap(Wish wish, Taps taps, AccessMetrics metrics, LongSupplier nanos) {
        this.wish = wish;
        this.taps = taps;
        this.metrics = metrics;
        this.nanos = nanos;
        this.second = nanos.getAsLong();
    }

    /** On the event loop of a request that has ended; {@code head}: before its bytes are another's. */
    void ended(AuditRecord record, Reason reason, RequestHead head) {
        if ((wish.denied() && record.verdict != Verdict.DENY)
                || (wish.route().isPresent() && !wish.route().get().equals(record.route))
                || (wish.caller().isPresent() && !wish.caller().get().equals(record.callerId))) {
            return;
        }
        if (taken.get() < wish.perSecond() && taken.getAndIncrement() < wish.perSecond()) {
            waiting.add(Seen.of(record, reason, head));
        } else {
            skipped.incrementAndGet();
        }
    }

    /** Whole lines, of what has happened since the last call; empty: nothing. One thread after another. */
    public byte[] read() {
        lines.clear();
        boolean last = ended(); // What is skipped in the last second would be told in none.
        boolean all = take();
        long now = nanos.getAsLong();
        if (all && (last || now - second >= SECOND)) {
            second = now;
            taken.set(0);
            long missing = skipped.getAndSet(0);
            if (missing > 0) {
                metrics.skipped.add(missing);
                line.count("skipped", missing);
            }
        }
        byte[] read = new byte[lines.position()];
        lines.flip().get(read);
        return read;
    }

    /** Whether nothing waits any more. */
    private boolean take() {
        while (lines.remaining() > AccessLine.BYTES_MAX) {
            Seen seen = waiting.poll();
            if (seen == null) {
                return true;
            }
            line.write(seen);
            metrics.sent.increment();
        }
        return false;
    }

    /** Nothing more will come but what waits. Any thread. */
    public boolean ended() {
        return taps.ended();
    }

    /** The listener is gone. Any thread; once or more. */
    @Override
    public void close() {
        taps.closed(this);
    }
}
