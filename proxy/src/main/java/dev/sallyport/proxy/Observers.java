package dev.sallyport.proxy;

import dev.sallyport.proxy.access.AccessLog;
import dev.sallyport.proxy.access.Taps;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.telemetry.AccessMetrics;
import dev.sallyport.proxy.telemetry.Observer;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.Sampling;
import dev.sallyport.proxy.telemetry.Telemetry;
import dev.sallyport.proxy.trace.HeldSpans;
import dev.sallyport.proxy.trace.Origin;
import dev.sallyport.proxy.trace.SpanExporter;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who hears of requests beside the record: the metrics and taps always, the access log and a trace collector where the operator wants them. Of the main thread. */
final class Observers implements AutoCloseable {
    /** A sink that takes nothing must not hold up the end. */
    private static final Duration ACCESS_LOG_FLUSH = Duration.ofSeconds(2);
    /** Nor must a trace collector, which is not the record's. */
    private static final Duration SPANS_FLUSH = Duration.ofSeconds(2);

    private final ProxyMetrics metrics = new ProxyMetrics();
    private final Taps taps = new Taps(metrics.access(), System::nanoTime);
    private final Optional<AccessLog> accessLog;
    private final Optional<SpanExporter> spans;
    private final Telemetry telemetry;

    /** {@code held}: which spans may not leave yet; {@code side}: carries them. IOException: there is no such file for the access log. */
    Observers(TelemetryConfig config, Origin origin, HeldSpans held, Transport side) throws IOException {
        accessLog = accessLog(config.accessLog(), metrics.access());
        spans = config.traces()
                .map(traces -> new SpanExporter(
                        SpanExporter.Settings.of(traces.endpoint(), traces.headersFile()),
                        origin,
                        held,
                        side,
                        metrics.spans(),
                        new SecureRandom()));
        List<Observer.Maker> makers = new ArrayList<>(List.of(taps));
        accessLog.ifPresent(makers::add);
        spans.ifPresent(makers::add);
        Sampling sampling = config.traces()
                .map(traces -> new Sampling(true, traces.ratio()))
                .orElse(Sampling.OFF);
        telemetry = new Telemetry(metrics, sampling, makers);
    }

    private static Optional<AccessLog> accessLog(Optional<TelemetryConfig.AccessLog> wanted, AccessMetrics counts)
            throws IOException {
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        TelemetryConfig.AccessLog log = wanted.get();
        return Optional.of(
                log.file().isPresent()
                        ? AccessLog.toFile(log.file().get(), log.bytesMax(), log.files(), counts)
                        : AccessLog.toStandardOutput(counts));
    }

    Telemetry telemetry() {
        return telemetry;
    }

    ProxyMetrics metrics() {
        return metrics;
    }

    Taps taps() {
        return taps;
    }

    /** Spans leave from here on, under the identity that there is now. */
    void joined() {
        spans.ifPresent(SpanExporter::start);
    }

    /** Standard output is the access log's own from here on. */
    void ready() {
        accessLog.ifPresent(AccessLog::start);
    }

    /** After the last request: what is left is written and sent, for a little while. Blocks. */
    @Override
    public void close() {
        accessLog.ifPresent(log -> log.close(ACCESS_LOG_FLUSH));
        spans.ifPresent(exporter -> exporter.finish(SPANS_FLUSH));
    }
}
