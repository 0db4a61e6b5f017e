package dev.sallyport.proxy.carry;

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
