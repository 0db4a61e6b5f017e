package dev.sallyport.proxy.admin;

import static dev.sallyport.proxy.admin.SidecarMetrics.counter;

import dev.sallyport.proxy.admin.SidecarMetrics.Point;
import dev.sallyport.proxy.telemetry.AccessMetrics;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;

/** What became of the lines of the access log and of taps. */
final class AccessLogMetrics {
    private AccessLogMetrics() {}

    static List<MetricSnapshot> collect(Observed observed) {
        AccessMetrics access = observed.metrics().access();
        return List.of(
                counter(
                        "sallyport_access_log_lines",
                        "Lines of the access log, and those that found no room.",
                        new Point(access.written.sum(), "result", "written"),
                        new Point(access.dropped.sum(), "result", "dropped")),
                counter(
                        "sallyport_tap_lines",
                        "Decisions given to listeners, and those beyond their rate.",
                        new Point(access.sent.sum(), "result", "sent"),
                        new Point(access.skipped.sum(), "result", "skipped")));
    }
}
