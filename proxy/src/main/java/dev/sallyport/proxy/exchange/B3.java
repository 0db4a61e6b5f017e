package dev.sallyport.proxy.exchange;

import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Zipkin's B3 propagation, in one field or in several: read where there is no good {@code traceparent}, and said again, as the {@code traceparent} says it, in the forms in which it came. The parent of the caller's own
 * span is not: between application and sidecar a span may be as good as a user, and this would be the way by which one leaves.
 */
record B3(long traceHigh, long traceLow, long span, Optional<Boolean> sampled) {
    /** Nothing that counts: absent, malformed, or two readings of one. */
    private static final B3 NONE = new B3(0, 0, 0, Optional.empty());

    private static final String SINGLE = "b3";
    private static final String TRACE = "x-b3-traceid";
    private static final String SPAN = "x-b3-spanid";
    private static final String SAMPLED = "x-b3-sampled";
    private static final String FLAGS = "x-b3-flags";

    /** Whether it says whose child the request is; else at most whether it is to be sampled. */
    boolean hasParent() {
        return span != 0;
    }

    /** What {@code head} says; the single field counts before the others. */
    static B3 of(RequestHead head) {
        if (!head.values(SINGLE).isEmpty()) {
            return single(one(head, SINGLE));
        }
        Optional<Boolean> sampled = one(head, FLAGS).equals("1") ? Optional.of(true) : decision(one(head, SAMPLED));
        boolean alone = head.values(TRACE).isEmpty() && head.values(SPAN).isEmpty();
        return alone ? new B3(0, 0, 0, sampled) : ids(one(head, TRACE), one(head, SPAN), sampled);
    }

    /** {@code TRACE-SPAN[-SAMPLED[-PARENT]]}, or the decision alone. */
    private static B3 single(String text) {
        String[] parts = text.split("-", -1);
        if (parts.length == 1) {
            return new B3(0, 0, 0, decision(text));
        }
        if (parts.length > 4 || (parts.length == 4 && (parts[3].length() != 16 || !hex(parts[3])))) {
            return NONE;
        }
        Optional<Boolean> sampled = parts.length > 2 ? decision(parts[2]) : Optional.empty();
        return parts.length > 2 && sampled.isEmpty() ? NONE : ids(parts[0], parts[1], sampled);
    }

    private static B3 ids(String trace, String span, Optional<Boolean> sampled) {
        boolean formed = (trace.length() == 32 || trace.length() == 16) && span.length() == 16;
        if (!formed || !hex(trace) || !hex(span)) {
            return NONE;
        }
        long low = Long.parseUnsignedLong(trace, trace.length() - 16, trace.length(), 16);
        long high = trace.length() == 16 ? 0 : Long.parseUnsignedLong(trace, 0, 16, 16);
        long id = Long.parseUnsignedLong(span, 16);
        return id == 0 || (high | low) == 0 ? NONE : new B3(high, low, id, sampled);
    }

    /** {@code d}: debug, which is sampled. The words are of old clients. */
    private static Optional<Boolean> decision(String text) {
        return switch (text) {
            case "1", "d", "true" -> Optional.of(true);
            case "0", "false" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private static boolean hex(String text) {
        return text.chars().allMatch(c -> Hex.isDigit((byte) c) && c < 0x80);
    }

    /** The only value; empty where there is none, or more than one reading. */
    private static String one(RequestHead head, String name) {
        List<String> values = head.values(name);
        return values.size() == 1 ? values.getFirst() : "";
    }

    /** Says again what the good {@code traceparent} of {@code head} says, in each form that is there. */
    static void follow(RequestHead head) {
        boolean single = !head.values(SINGLE).isEmpty();
        boolean several = List.of(TRACE, SPAN, SAMPLED, FLAGS).stream()
                .anyMatch(name -> !head.values(name).isEmpty());
        head.drop(Field.B3);
        String parent = new String(
                head.array(), head.valueStart(Field.TRACEPARENT), TraceParent.BYTES, StandardCharsets.ISO_8859_1);
        String whole = parent.substring(TraceParent.TRACE_AT, TraceParent.TRACE_AT + 32);
        // What came in sixteen digits goes on so: some readers know no more.
        String trace = whole.startsWith("0000000000000000") ? whole.substring(16) : whole;
        String span = parent.substring(TraceParent.SPAN_AT, TraceParent.SPAN_AT + 16);
        String sampled = TraceParent.sampled(head) ? "1" : "0";
        if (single) {
            head.add(SINGLE, trace + "-" + span + "-" + sampled);
        }
        if (several) {
            head.add(TRACE, trace);
            head.add(SPAN, span);
            head.add(SAMPLED, sampled);
        }
    }
}
