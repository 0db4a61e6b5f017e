package dev.sallyport.server.collector;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** What has been taken and refused since the start; every series is there from 0 on, so that an alert sees the first. Any thread. */
final class Counts {
    private final Counter records;
    private final Counter batches;
    private final Counter missing;
    private final Map<BatchRefusedException.Reason, Counter> refused =
            new EnumMap<>(BatchRefusedException.Reason.class);

    Counts(MeterRegistry metrics) {
        records = Counter.builder("sallyport_audit_collector_records")
                .description("Records that sidecars were answered for, again those that came again")
                .register(metrics);
        batches = Counter.builder("sallyport_audit_collector_batches")
                .description("Batches that were taken or had come before")
                .register(metrics);
        missing = Counter.builder("sallyport_audit_collector_batches_early")
                .description("Batches before which records were missing")
                .register(metrics);
        for (BatchRefusedException.Reason reason : BatchRefusedException.Reason.values()) {
            refused.put(
                    reason,
                    Counter.builder("sallyport_audit_collector_batches_refused")
                            .description("Batches that were not taken")
                            .tag("reason", reason.code())
                            .register(metrics));
        }
    }

    void answered(Answer answer, int lines) {
        switch (answer) {
            case Answer.Received _ -> {
                batches.increment();
                records.increment(lines);
            }
            case Answer.Missing _ -> missing.increment();
        }
    }

    void refused(BatchRefusedException.Reason reason) {
        Objects.requireNonNull(refused.get(reason)).increment();
    }
}
