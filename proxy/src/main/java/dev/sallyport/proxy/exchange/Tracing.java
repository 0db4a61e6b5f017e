package dev.sallyport.proxy.exchange;

import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import java.nio.charset.StandardCharsets;

/** {@code x-request-id} and {@code traceparent} (W3C Trace Context): kept when well formed, otherwise made anew, so that no stranger's text travels in them. */
public final class Tracing {
    private static final int REQUEST_ID_MAX = 128;
    /** As {@code tracestate} is bounded by the recommendation, section 3.3.1.5. */
    private static final int TRACESTATE_MAX = 512;
    /** As {@code baggage} is bounded by W3C Baggage, section 3.3.2. */
    private static final int BAGGAGE_MAX = 8192;

    /** {@code 00-<32 hex>-<16 hex>-<2 hex>}. */
    private static final int PARENT_BYTES = 55;

    /** Where the trace id begins, 32 digits; where the span id does, 16. */
    public static final int TRACE_AT = 3;

    public static final int SPAN_AT = 36;

    private static final int FLAGS_AT = 53;

    private Tracing() {}

    /** Makes both present; returns the trace id, 32 lower-case hex digits. */
    public static String ensure(RequestHead head, Worker worker) {
        bound(head, Field.BAGGAGE, BAGGAGE_MAX);
        TraceState.strip(head);
        bound(head, Field.TRACESTATE, TRACESTATE_MAX);
        if (head.count(Field.X_REQUEST_ID) != 1
                || !plain(head.array(), head.valueStart(Field.X_REQUEST_ID), head.valueEnd(Field.X_REQUEST_ID))) {
            head.drop(Field.X_REQUEST_ID);
            byte[] id = worker.scratch();
            worker.randomHex(id, 0, 32);
            head.add(Field.X_REQUEST_ID.text(), id, 32);
        }
        if (hasParent(head)) {
            return traceId(head.array(), head.valueStart(Field.TRACEPARENT));
        }
        head.drop(Field.TRACESTATE);
        head.drop(Field.TRACEPARENT);
        byte[] parent = worker.scratch();
        begin(parent, worker);
        head.add(Field.TRACEPARENT.text(), parent, PARENT_BYTES);
        return traceId(parent, 0);
    }

    /** Whether there is one {@code traceparent}, well formed. */
    public static boolean hasParent(RequestHead head) {
        return head.count(Field.TRACEPARENT) == 1
                && wellFormed(head.array(), head.valueStart(Field.TRACEPARENT), head.valueEnd(Field.TRACEPARENT));
    }

    /** Within the trace of {@code head}, after {@link #ensure}: {@code span} is its parent from now on. */
    public static void span(RequestHead head, long span, Worker worker) {
        byte[] parent = worker.scratch();
        System.arraycopy(head.array(), head.valueStart(Field.TRACEPARENT), parent, 0, PARENT_BYTES);
        Hex.write(span, parent, SPAN_AT);
        head.drop(Field.TRACEPARENT);
        head.add(Field.TRACEPARENT.text(), parent, PARENT_BYTES);
    }

    /** The same with one that is nobody's. */
    public static void anotherSpan(RequestHead head, Worker worker) {
        span(head, Math.max(1, worker.randomBits()), worker);
    }

    private static void begin(byte[] parent, Worker worker) {
        parent[0] = '0';
        parent[1] = '0';
        parent[TRACE_AT - 1] = '-';
        worker.randomHex(parent, TRACE_AT, 32);
        parent[SPAN_AT - 1] = '-';
        worker.randomHex(parent, SPAN_AT, 16);
        parent[FLAGS_AT - 1] = '-';
        parent[FLAGS_AT] = '0';
        parent[FLAGS_AT + 1] = '1';
    }

    private static String traceId(byte[] parent, int from) {
        return new String(parent, from + TRACE_AT, 32, StandardCharsets.ISO_8859_1);
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

    /** Version 00, neither id all zero. */
    static boolean wellFormed(byte[] parent, int from, int to) {
        return to - from == PARENT_BYTES
                && parent[from] == '0'
                && parent[from + 1] == '0'
                && parent[from + TRACE_AT - 1] == '-'
                && parent[from + SPAN_AT - 1] == '-'
                && parent[from + FLAGS_AT - 1] == '-'
                && id(parent, from + TRACE_AT, 32)
                && id(parent, from + SPAN_AT, 16)
                && Hex.isDigit(parent[from + FLAGS_AT])
                && Hex.isDigit(parent[from + FLAGS_AT + 1]);
    }

    private static boolean id(byte[] text, int from, int length) {
        boolean zero = true;
        for (int i = from; i < from + length; i++) {
            if (!Hex.isDigit(text[i])) {
                return false;
            }
            zero &= text[i] == '0';
        }
        return !zero;
    }
}
