package dev.sallyport.proxy.limit;

import java.util.Locale;

/** What a limit says of one request. {@code retryAfterSeconds}: 0 within the limit, else at least 1. */
public record LimitResult(Verdict verdict, int retryAfterSeconds) {
    static final LimitResult WITHIN = new LimitResult(Verdict.WITHIN, 0);
    /** Nobody knows when room will be; a second is soon enough to ask again. */
    static final LimitResult TABLE_FULL = new LimitResult(Verdict.TABLE_FULL, 1);

    /** The word on record. */
    public enum Verdict {
        WITHIN,
        EXCEEDED,
        /** Too many others are being counted. */
        TABLE_FULL;

        /** {@code within}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static LimitResult exceeded(long waitNanos) {
        return new LimitResult(
                Verdict.EXCEEDED, (int) Math.min(Integer.MAX_VALUE, 1 + (waitNanos - 1) / 1_000_000_000L));
    }

    /** Whether the request may go on. */
    public boolean within() {
        return verdict == Verdict.WITHIN;
    }
}
