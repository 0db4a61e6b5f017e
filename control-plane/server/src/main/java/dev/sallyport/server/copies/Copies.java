package dev.sallyport.server.copies;

import dev.sallyport.audit.export.ExportRecord;
import dev.sallyport.audit.export.OcsfEvent;
import dev.sallyport.server.fetch.Fetch;
import dev.sallyport.server.records.LogEntries;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** All copies of the record. Any thread. */
public final class Copies implements AutoCloseable {
    private final List<Copy> copies;

    private Copies(List<Copy> copies) {
        this.copies = copies;
    }

    /** {@code folder}: of their cursors, one folder each; {@code fetch}: the way out, outlives this. */
    public static Copies of(
            List<CopySettings> settings,
            Path folder,
            LogEntries entries,
            Fetch fetch,
            Clock clock,
            MeterRegistry metrics) {
        List<Copy> copies = settings.stream()
                .map(each -> new Copy(
                        each,
                        folder.resolve(each.name()),
                        entries,
                        sink(each, fetch::send, clock),
                        clock,
                        Backoff.FIRST))
                .toList();
        copies.forEach(copy -> register(metrics, copy));
        return new Copies(copies);
    }

    static Sink sink(CopySettings settings, WebSink.Transport transport, Clock clock) {
        return switch (settings.place()) {
            case CopySettings.Web web -> new WebSink(web, format(settings, web), transport, clock);
            case CopySettings.Files files ->
                settings.kind() == CopySettings.Kind.OCSF
                        ? new FileSink(settings.name(), files, Copies::ocsf)
                        : new FileSink(settings.name(), files, record -> Optional.of(record.entry()));
        };
    }

    private static WebSink.Format format(CopySettings settings, CopySettings.Web web) {
        return switch (settings.kind()) {
            case OTLP -> new OtlpFormat(settings.labels());
            case LOKI -> new LokiFormat(settings.labels());
            case ELASTICSEARCH -> new ElasticsearchFormat(web.index(), settings.labels());
            case OCSF, LINES -> throw new IllegalArgumentException(settings.name() + ": files (expected: a folder)");
        };
    }

    private static Optional<byte[]> ocsf(ExportRecord record) {
        return switch (OcsfEvent.of(record)) {
            case OcsfEvent.Event event -> Optional.of(event.line().getBytes(StandardCharsets.US_ASCII));
            case OcsfEvent.NoClass _ -> Optional.empty();
        };
    }

    private static void register(MeterRegistry metrics, Copy copy) {
        gauge(metrics, copy, "lag_records", "Entries of the log that the copy does not have", Copy::lagRecords);
        gauge(metrics, copy, "lag_seconds", "Age of the oldest record that the copy does not have", Copy::lagSeconds);
        gauge(
                metrics,
                copy,
                "failing",
                "1 while its sink or its cursor fails, and it is tried again",
                of -> of.tally().problem.isPresent() ? 1 : 0);
        FunctionCounter.builder(
                        "sallyport_audit_copy_gaps", copy, of -> of.tally().gaps.get())
                .description("Times that entries were pruned before they were copied, or that the copy began again")
                .tag("copy", copy.name())
                .register(metrics);
        records(metrics, copy, "sent", of -> of.tally().sent.get());
        records(metrics, copy, "refused", of -> of.tally().refused.get());
        records(metrics, copy, "left_out", of -> of.tally().leftOut.get());
    }

    private static void records(MeterRegistry metrics, Copy copy, String result, ToDoubleFunction<Copy> count) {
        FunctionCounter.builder("sallyport_audit_copy_records", copy, count)
                .description("Entries that the sink took or refused, or that its format has no words for")
                .tag("copy", copy.name())
                .tag("result", result)
                .register(metrics);
    }

    private static void gauge(
            MeterRegistry metrics, Copy copy, String name, String description, ToDoubleFunction<Copy> value) {
        Gauge.builder("sallyport_audit_copy_" + name, copy, value)
                .description(description)
                .tag("copy", copy.name())
                .register(metrics);
    }

    public void start() {
        copies.forEach(Copy::start);
    }

    /** The log has something new. Returns at once. */
    public void wake() {
        copies.forEach(Copy::wake);
    }

    /** In the order of the configuration. */
    public List<CopyStatus> status() {
        return copies.stream().map(Copy::status).toList();
    }

    @Override
    public void close() {
        copies.forEach(Copy::stop); // All at once: each may have a request under way that is never answered.
        copies.forEach(Copy::close);
    }
}
