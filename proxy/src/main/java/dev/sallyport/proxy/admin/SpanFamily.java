package dev.sallyport.proxy.admin;

import dev.sallyport.proxy.admin.SidecarMetrics.Point;
import dev.sallyport.proxy.telemetry.SpanMetrics;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.Arrays;

/** The exporter of spans, seen from outside. */
final class SpanFamily {
    private SpanFamily() {}

    static MetricSnapshot of(SpanMetrics spans) {
        return SidecarMetrics.counter(
                "sallyport_spans",
                "Recorded spans that the collector has, for which there was no room, or which it did not take.",
                Arrays.stream(SpanMetrics.Result.values())
                        .map(result -> new Point(spans.count(result), "result", result.word()))
                        .toArray(Point[]::new));
    }
}
