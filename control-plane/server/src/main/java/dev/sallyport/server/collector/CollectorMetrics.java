package dev.sallyport.server.collector;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;

/** Gauges of the collector, read at each scrape. {@code deploy/observability/alerts/audit.yaml} alarms on them. */
final class CollectorMetrics {
    private CollectorMetrics() {}

    static void register(MeterRegistry metrics, Collector collector, Clock clock) {
        gauge(
                metrics,
                "sallyport_audit_collector_lag_records",
                "Leaves that are durable in the journal and not in the log yet",
                collector::pending);
        gauge(
                metrics,
                "sallyport_audit_collector_tree_size",
                "Leaves in the log",
                () -> collector.records().size());
        gauge(
                metrics,
                "sallyport_audit_collector_checkpoint_size",
                "Leaves under the published checkpoint",
                collector::publishedSize);
        gauge(
                metrics,
                "sallyport_audit_collector_checkpoint_age_seconds",
                "Since the published checkpoint was signed; of no value before the first of this start",
                () -> collector
                        .checkpointAge(clock.instant())
                        .map(Duration::toMillis)
                        .map(millis -> millis / 1000.0)
                        .orElse(Double.NaN));
        gauge(
                metrics,
                "sallyport_audit_collector_failing",
                "1 while the journal or the log cannot be written",
                () -> collector.failing() ? 1 : 0);
        gauge(
                metrics,
                "sallyport_audit_collector_witnesses_cosigned",
                "Witnesses that cosigned the last checkpoint",
                collector::cosigned);
        gauge(
                metrics,
                "sallyport_audit_collector_witnesses_quorum",
                "Witnesses that must cosign before a checkpoint is published",
                collector::quorum);
        for (FindingKind kind : FindingKind.values()) {
            Gauge.builder(
                            "sallyport_audit_collector_findings_open",
                            () -> collector.findings().count(kind))
                    .description("Open findings about the record itself")
                    .tag("kind", kind.code())
                    .register(metrics);
            FunctionCounter.builder(
                            "sallyport_audit_collector_findings_dropped",
                            collector,
                            of -> of.findings().dropped(kind))
                    .description(
                            "Findings that had no room, because many of their kind are open about the same service")
                    .tag("kind", kind.code())
                    .register(metrics);
        }
    }

    private static void gauge(MeterRegistry metrics, String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(metrics);
    }
}
