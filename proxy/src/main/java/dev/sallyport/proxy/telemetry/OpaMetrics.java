package dev.sallyport.proxy.telemetry;

import dev.sallyport.policy.OpaAnswer;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Questions to OPA by their answer, and the OPAs that are not asked for now because they did not answer. Event loops add, a scrape reads. */
public final class OpaMetrics {
    private final Map<OpaAnswer, LongAdder> answers = new EnumMap<>(OpaAnswer.class);
    private final LongAdder openBreakers = new LongAdder();

    OpaMetrics() {
        for (OpaAnswer answer : OpaAnswer.values()) {
            answers.put(answer, new LongAdder());
        }
    }

    /** A question that was asked, or refused before it was. */
    public void answered(OpaAnswer answer) {
        ProxyMetrics.in(answers, answer).increment();
    }

    public void breakerOpened() {
        openBreakers.increment();
    }

    public void breakerClosed() {
        openBreakers.decrement();
    }

    public long answers(OpaAnswer answer) {
        return ProxyMetrics.in(answers, answer).sum();
    }

    /** Counted once an event loop. */
    public long openBreakers() {
        return openBreakers.sum();
    }
}
