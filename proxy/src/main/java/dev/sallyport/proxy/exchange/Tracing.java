package dev.sallyport.proxy.exchange;

import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.telemetry.Span;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * {@code x-request-id} and {@code traceparent} (W3C Trace Context): kept when well formed, otherwise made anew, so that no stranger's text travels in them. Whether a trace is sampled is its beginner's decision; of
 * one that is, and where a collector is told of it, each request has a {@link Span}, on which hangs whatever the request causes.
 */
public final class Tracing {
    private static final int REQUEST_ID_MAX = 128;
    /** As {@code tracestate} is bounded by the recommendation, section 3.3.1.5. */
    private static final int TRACESTATE_MAX = 512;
    /** As {@code baggage} is bounded by W3C Baggage, section 3.3.2. */
    private static final int BAGGAGE_MAX = 8192;

    /** Where in a {@code traceparent} the trace id begins, 32 digits; where the span id does, 16. */
    public static final int TRACE_AT = TraceParent.TRACE_AT;

    public static final int SPAN_AT = TraceParent.SPAN_AT;

    private Tracing() {}

    /** Makes both present; the trace is on the exchange's record from now on, and its span is known. */
    public static void ensure(Exchange exchange) {
        RequestHead head = exchange.head();
        Worker worker = exchange.worker();
        bound(head, Field.BAGGAGE, BAGGAGE_MAX);
        TraceState.strip(head);
        bound(head, Field.TRACESTATE, TRACESTATE_MAX);
        requestId(head, worker);
        boolean begun = !adopt(head, worker);
        if (begun) {
            begin(head, worker);
        }
        exchange.record().traceId = new String(
                head.array(), head.valueStart(Field.TRACEPARENT) + TRACE_AT, 32, StandardCharsets.ISO_8859_1);
        if (recorded(head, worker)) {
            exchange.span(begun ? new Span(TraceParent.span(head), 0) : child(head, worker));
        }
        if (head.has(Field.B3)) {
            B3.follow(head);
        }
    }

    private static Span child(RequestHead head, Worker worker) {
        Span own = new Span(Math.max(1, worker.randomBits()), TraceParent.span(head));
        write(head, own.id(), worker);
        return own;
    }

    private static void requestId(RequestHead head, Worker worker) {
        if (head.count(Field.X_REQUEST_ID) != 1
                || !plain(head.array(), head.valueStart(Field.X_REQUEST_ID), head.valueEnd(Field.X_REQUEST_ID))) {
            head.drop(Field.X_REQUEST_ID);
            byte[] id = worker.scratch();
            worker.randomHex(id, 0, 32);
            head.add(Field.X_REQUEST_ID.text(), id, 32);
        }
    }

    /** Whether the {@code traceparent} of {@code head}, if there is one, is the only one and of version 00. Before {@link #adopt}. */
    public static boolean exact(RequestHead head) {
        int count = head.count(Field.TRACEPARENT);
        return count == 0
                || (count == 1
                        && TraceParent.wellFormed(
                                head.array(), head.valueStart(Field.TRACEPARENT), head.valueEnd(Field.TRACEPARENT)));
    }

    /** Whether the sender says whose child the request is; then {@code head} has one {@code traceparent} that says it, of version 00, whatever the sender wrote it in. May be asked again. */
    public static boolean adopt(RequestHead head, Worker worker) {
        if (head.count(Field.TRACEPARENT) == 1) {
            int from = head.valueStart(Field.TRACEPARENT);
            int to = head.valueEnd(Field.TRACEPARENT);
            if (TraceParent.wellFormed(head.array(), from, to)) {
                return true;
            }
            if (TraceParent.later(head.array(), from, to)) {
                byte[] parent = worker.scratch();
                System.arraycopy(head.array(), from, parent, 0, TraceParent.BYTES);
                TraceParent.frame(
                        parent, TraceParent.sampled(parent, 0)); // What else its flags say, nobody knows here.
                put(head, parent);
                return true;
            }
        }
        if (!head.has(Field.B3)) {
            return false;
        }
        B3 said = B3.of(head);
        if (said.hasParent()) {
            byte[] parent = worker.scratch();
            TraceParent.frame(
                    parent, said.sampled().orElseGet(() -> worker.sampling().takes(said.traceLow())));
            Hex.write(said.traceHigh(), parent, TRACE_AT);
            Hex.write(said.traceLow(), parent, TRACE_AT + 16);
            Hex.write(said.span(), parent, SPAN_AT);
            head.drop(Field.TRACESTATE); // Of another trace, or of none.
            put(head, parent);
        }
        return said.hasParent();
    }

    /** Whether {@code head}, which has a {@code traceparent}, well formed, is of a request that gets a span of its own here. */
    public static boolean recorded(RequestHead head, Worker worker) {
        return worker.sampling().exported() && TraceParent.sampled(head);
    }

    /** Within the trace of {@code head}, after {@link #ensure}: {@code span} is its parent from now on. */
    public static void span(RequestHead head, long span, Worker worker) {
        write(head, span, worker);
        if (head.has(Field.B3)) {
            B3.follow(head);
        }
    }

    private static void write(RequestHead head, long span, Worker worker) {
        byte[] parent = worker.scratch();
        System.arraycopy(head.array(), head.valueStart(Field.TRACEPARENT), parent, 0, TraceParent.BYTES);
        Hex.write(span, parent, SPAN_AT);
        put(head, parent);
    }

    private static void put(RequestHead head, byte[] parent) {
        head.drop(Field.TRACEPARENT);
        head.add(Field.TRACEPARENT.text(), parent, TraceParent.BYTES);
    }

    /** The same with one that is nobody's. */
    public static void anotherSpan(RequestHead head, Worker worker) {
        span(head, Math.max(1, worker.randomBits()), worker);
    }

    /** A trace of its own, sampled as its sender wants it or, where that says nothing, as many as the operator wants. */
    private static void begin(RequestHead head, Worker worker) {
        head.drop(Field.TRACESTATE);
        byte[] parent = worker.scratch();
        worker.randomHex(parent, TRACE_AT, 32);
        worker.randomHex(parent, SPAN_AT, 16);
        Optional<Boolean> wanted = head.has(Field.B3) ? B3.of(head).sampled() : Optional.empty();
        boolean sampled = wanted.isPresent() ? wanted.get() : worker.sampling().takes(Hex.read(parent, TRACE_AT + 16));
        TraceParent.frame(parent, sampled);
        put(head, parent);
    }

    private static void bound(RequestHead head, Field field, int most) {
        if (head.valueBytes(field) > most) {
            head.drop(field);
        }
    }

    private static boolean plain(byte[] id, int from, int to) {
        if (from == to || to - from > REQUEST_ID_MAX) {
            return false;
        }
        for (int i = from; i < to; i++) {
            byte c = id[i];
            boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letterOrDigit && c != '-' && c != '_' && c != '.') {
                return false;
            }
        }
        return true;
    }
}
