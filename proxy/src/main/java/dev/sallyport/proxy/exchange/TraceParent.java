package dev.sallyport.proxy.exchange;

import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;

/** The bytes of {@code traceparent}, W3C Trace Context section 3.2: {@code 00-<32 hex>-<16 hex>-<2 hex>}. */
final class TraceParent {
    static final int BYTES = 55;
    /** Where the trace id begins, 32 digits. */
    static final int TRACE_AT = 3;
    /** Where the span id does, 16. */
    static final int SPAN_AT = 36;

    static final int FLAGS_AT = 53;

    private TraceParent() {}

    /** Whether it is one of version 00, neither id all zero. */
    static boolean wellFormed(byte[] text, int from, int to) {
        return to - from == BYTES && text[from] == '0' && text[from + 1] == '0' && prefix(text, from);
    }

    /** Whether it is one of a version that is not known here, whose beginning is to be read as 00's; what follows begins with another dash. */
    static boolean later(byte[] text, int from, int to) {
        boolean length = to - from == BYTES || (to - from > BYTES && text[from + BYTES] == '-');
        return length
                && Hex.isDigit(text[from])
                && Hex.isDigit(text[from + 1])
                && !(text[from] == '0' && text[from + 1] == '0')
                && !(text[from] == 'f' && text[from + 1] == 'f')
                && prefix(text, from);
    }

    private static boolean prefix(byte[] text, int from) {
        return text[from + TRACE_AT - 1] == '-'
                && text[from + SPAN_AT - 1] == '-'
                && text[from + FLAGS_AT - 1] == '-'
                && id(text, from + TRACE_AT, 32)
                && id(text, from + SPAN_AT, 16)
                && Hex.isDigit(text[from + FLAGS_AT])
                && Hex.isDigit(text[from + FLAGS_AT + 1]);
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

    /** What stands between the ids; the flags say one thing and no more. */
    static void frame(byte[] text, boolean sampled) {
        text[0] = '0';
        text[1] = '0';
        text[TRACE_AT - 1] = '-';
        text[SPAN_AT - 1] = '-';
        text[FLAGS_AT - 1] = '-';
        text[FLAGS_AT] = '0';
        text[FLAGS_AT + 1] = (byte) (sampled ? '1' : '0');
    }

    /** Of a head that has one, well formed. */
    static boolean sampled(RequestHead head) {
        return sampled(head.array(), head.valueStart(Field.TRACEPARENT));
    }

    static boolean sampled(byte[] text, int from) {
        return (Character.digit(text[from + FLAGS_AT + 1], 16) & 1) == 1;
    }

    /** Its span's id. */
    static long span(RequestHead head) {
        return Hex.read(head.array(), head.valueStart(Field.TRACEPARENT) + SPAN_AT);
    }
}
