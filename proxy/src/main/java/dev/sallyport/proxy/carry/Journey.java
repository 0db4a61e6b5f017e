package dev.sallyport.proxy.carry;

import dev.sallyport.proxy.exchange.Hex;
import dev.sallyport.proxy.exchange.Tracing;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.token.Voucher;

/** One inbound request under way whose user may go on with what the application asks of others: the handle that only its application was given, and the exact span that it was given. */
final class Journey {
    /** 128 random bits: who knows them was told. */
    record Handle(long high, long low) {
        @Override
        public String toString() {
            return "Handle"; // Who reads it could use it.
        }
    }

    /** A trace is many people's; this span of it is this request's alone. */
    record Span(long traceHigh, long traceLow, long span) {
        /** Of a head that has a {@code traceparent}, well formed. */
        static Span of(RequestHead head) {
            return in(head, Hex.read(head.array(), head.valueStart(Field.TRACEPARENT) + Tracing.SPAN_AT));
        }

        /** {@code span} in the trace of such a head. */
        static Span in(RequestHead head, long span) {
            int trace = head.valueStart(Field.TRACEPARENT) + Tracing.TRACE_AT;
            return new Span(Hex.read(head.array(), trace), Hex.read(head.array(), trace + 16), span);
        }

        @Override
        public String toString() {
            return "Span"; // As good as a handle.
        }
    }

    private final Handle handle;
    private final Span span;
    private final Voucher voucher;

    Journey(Handle handle, Span span, Voucher voucher) {
        this.handle = handle;
        this.span = span;
        this.voucher = voucher;
    }

    Handle handle() {
        return handle;
    }

    Span span() {
        return span;
    }

    Voucher voucher() {
        return voucher;
    }
}
