package dev.sallyport.proxy.telemetry;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What became of recorded spans. Event loops and the exporter add, a scrape reads. */
public final class SpanMetrics {
    /** Each span comes to one of them. */
    public enum Result {
        /** The collector has it. */
        SENT,
        /** There was no room for it. */
        DROPPED,
        /** The collector refused it, or did not answer for too long. */
        FAILED;

        private final String word = name().toLowerCase(Locale.ROOT);

        /** {@code sent}. */
        public String word() {
            return word;
        }
    }

    private final Map<Result, LongAdder> spans = new EnumMap<>(Result.class);

    SpanMetrics() {
        for (Result result : Result.values()) {
            spans.put(result, new LongAdder());
        }
    }

    public void add(Result result, long count) {
        ProxyMetrics.in(spans, result).add(count);
    }

    public long count(Result result) {
        return ProxyMetrics.in(spans, result).sum();
    }
}
