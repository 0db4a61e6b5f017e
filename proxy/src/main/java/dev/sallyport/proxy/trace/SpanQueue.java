package dev.sallyport.proxy.trace;

import dev.sallyport.proxy.telemetry.LoopRing;
import dev.sallyport.proxy.telemetry.SpanMetrics;
import dev.sallyport.proxy.telemetry.SpanMetrics.Result;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** From the event loops' rings to batches. A span that may not leave yet waits beside them, itself or its parent being as good as a user; for as many there is room, the rest is dropped. But for {@link #ring} the exporter's thread only. */
final class SpanQueue {
    static final int BATCH_SPANS_MAX = 512;
    /** Children of long requests; without the bound whoever keeps requests open would keep the memory as well. */
    static final int WAITING_SPANS_MAX = 2048;

    private static final long BATCH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final List<LoopRing<EndedSpan>> rings = new CopyOnWriteArrayList<>();
    private final HeldSpans held;
    private final SpanMetrics metrics;
    private final Deque<EndedSpan> waiting = new ArrayDeque<>();
    private List<EndedSpan> batch = new ArrayList<>();
    private long lookedAt = System.nanoTime();

    SpanQueue(HeldSpans held, SpanMetrics metrics) {
        this.held = held;
        this.metrics = metrics;
    }

    /** For one writer. About 1 KiB a span, at most 24 KiB where all that a client can choose is long ({@link EndedSpan}). Any thread. */
    LoopRing<EndedSpan> ring() {
        LoopRing<EndedSpan> ring = new LoopRing<>();
        rings.add(ring);
        return ring;
    }

    /** What is to be sent now: a whole batch, or what a second has brought, or with {@code last} whatever there is; else nothing. */
    List<EndedSpan> take(boolean last) {
        rings.forEach(this::drain);
        boolean due = last || System.nanoTime() - lookedAt >= BATCH_NANOS;
        if (due) {
            lookedAt = System.nanoTime();
            lookAgain();
        }
        if (!due && batch.size() < BATCH_SPANS_MAX) {
            return List.of();
        }
        if (last && batch.isEmpty()) {
            metrics.add(Result.DROPPED, waiting.size());
            waiting.clear();
        }
        List<EndedSpan> taken = batch;
        batch = new ArrayList<>();
        return taken;
    }

    private void drain(LoopRing<EndedSpan> ring) {
        while (batch.size() < BATCH_SPANS_MAX) {
            EndedSpan span = ring.poll();
            if (span == null) {
                return;
            }
            if (mayLeave(span)) {
                batch.add(span);
            } else if (waiting.size() < WAITING_SPANS_MAX) {
                waiting.add(span);
            } else {
                metrics.add(Result.DROPPED, 1);
            }
        }
    }

    private void lookAgain() {
        for (int left = waiting.size(); left > 0 && batch.size() < BATCH_SPANS_MAX; left--) {
            EndedSpan span = waiting.removeFirst();
            if (mayLeave(span)) {
                batch.add(span);
            } else {
                waiting.addLast(span);
            }
        }
    }

    private boolean mayLeave(EndedSpan span) {
        String trace = String.valueOf(span.record().traceId);
        return !held.holds(trace, span.span().id())
                && (span.span().parent() == 0 || !held.holds(trace, span.span().parent()));
    }
}
