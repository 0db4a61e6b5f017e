package dev.sallyport.proxy.exchange;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/** {@code x-request-id} and {@code traceparent} (W3C Trace Context): kept when well formed, otherwise made anew, so that no stranger's text travels in them. */
public final class Tracing {
    private static final String REQUEST_ID = "x-request-id";
    private static final String TRACEPARENT = "traceparent";
    private static final int REQUEST_ID_MAX = 128;

    private Tracing() {}

    /** Makes both present; returns the trace id, 32 lower-case hex digits. */
    public static String ensure(HttpHeaders headers, Worker worker) {
        List<String> ids = headers.getAll(REQUEST_ID);
        if (ids.size() != 1 || !plain(ids.getFirst())) {
            headers.set(REQUEST_ID, worker.randomHex(32));
        }
        List<String> parents = headers.getAll(TRACEPARENT);
        if (parents.size() != 1 || !wellFormed(parents.getFirst())) {
            String traceId = worker.randomHex(32);
            headers.set(TRACEPARENT, "00-" + traceId + "-" + worker.randomHex(16) + "-01");
            headers.remove("tracestate");
            return traceId;
        }
        return parents.getFirst().substring(3, 35);
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
