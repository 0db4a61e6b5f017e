package dev.sallyport.proxy.exchange;

import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import java.util.List;

/** {@code x-request-id} and {@code traceparent} (W3C Trace Context): kept when well formed, otherwise made anew, so that no stranger's text travels in them. */
public final class Tracing {
    private static final int REQUEST_ID_MAX = 128;
    /** As {@code tracestate} is bounded by the recommendation, section 3.3.1.5. */
    private static final int TRACESTATE_MAX = 512;
    /** As {@code baggage} is bounded by W3C Baggage, section 3.3.2. */
    private static final int BAGGAGE_MAX = 8192;

    private Tracing() {}

    /** Makes both present; returns the trace id, 32 lower-case hex digits. Once a request. */
    public static String ensure(RequestHead head, Worker worker) {
        List<String> ids = head.values(Field.X_REQUEST_ID);
        if (ids.size() != 1 || !plain(ids.getFirst())) {
            head.set(Field.X_REQUEST_ID, worker.randomHex(32));
        }
        bound(head, Field.BAGGAGE, BAGGAGE_MAX);
        bound(head, Field.TRACESTATE, TRACESTATE_MAX);
        List<String> parents = head.values(Field.TRACEPARENT);
        if (parents.size() != 1 || !wellFormed(parents.getFirst())) {
            String traceId = worker.randomHex(32);
            head.set(Field.TRACEPARENT, "00-" + traceId + "-" + worker.randomHex(16) + "-01");
            head.drop(Field.TRACESTATE);
            return traceId;
        }
        return parents.getFirst().substring(3, 35);
    }

    private static void bound(RequestHead head, Field field, int most) {
        if (head.valueBytes(field) > most) {
            head.drop(field);
        }
    }

    private static boolean plain(String id) {
        if (id.isEmpty() || id.length() > REQUEST_ID_MAX) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letterOrDigit && c != '-' && c != '_' && c != '.') {
                return false;
            }
        }
        return true;
    }

    /** Version 00: {@code 00-<32 hex>-<16 hex>-<2 hex>}, neither id all zero. */
    static boolean wellFormed(String parent) {
        return parent.length() == 55
                && parent.startsWith("00-")
                && parent.charAt(35) == '-'
                && parent.charAt(52) == '-'
                && hex(parent, 3, 35)
                && hex(parent, 36, 52)
                && hex(parent, 53, 55)
                && !zero(parent, 3, 35)
                && !zero(parent, 36, 52);
    }

    private static boolean hex(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
                return false;
            }
        }
        return true;
    }

    private static boolean zero(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) != '0') {
                return false;
            }
        }
        return true;
    }
}
