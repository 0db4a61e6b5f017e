package dev.sallyport.proxy.admin;

import static dev.sallyport.proxy.admin.SidecarMetrics.counter;
import static dev.sallyport.proxy.admin.SidecarMetrics.gauge;

import dev.sallyport.proxy.admin.SidecarMetrics.Point;
import dev.sallyport.proxy.ship.Shipped;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;

/** The record's own metrics: what was written, what was lost, how full the folder is, how far the collector is behind. */
final class AuditMetrics {
    private AuditMetrics() {}

    static List<MetricSnapshot> collect(Observed observed) {
        List<MetricSnapshot> all = new ArrayList<>();
        all.add(counter(
                "sallyport_audit_records",
                "Records written.",
                new Point(observed.audit().recordsWritten())));
        all.add(counter(
                "sallyport_audit_dropped",
                "Records that found no room: alert on any.",
                new Point(observed.audit().recordsDropped())));
        all.add(gauge(
                "sallyport_audit_used_bytes",
                "What the log's folder holds.",
                new Point(observed.audit().usedBytes())));
        all.add(gauge(
                "sallyport_audit_bound_bytes",
                "What it may hold: from there on routes with audit: required are unavailable. Alert at 70 % of it.",
                new Point(observed.audit().bytesMax())));
        observed.shipped().ifPresent(shipped -> shipped(observed, shipped, all));
        return all;
    }

    private static void shipped(Observed observed, Shipped shipped, List<MetricSnapshot> all) {
        long durable = observed.audit().durableNumber();
        all.add(counter(
                "sallyport_audit_shipped", "Records with a receipt of the collector.", new Point(shipped.records())));
        all.add(counter(
                "sallyport_audit_shipping_lost",
                "Records that the collector asked for and this log does not have any more: alert on any.",
                new Point(shipped.lost())));
        all.add(gauge(
                "sallyport_audit_lag_records",
                "Records on disk that the collector has no receipt for.",
                new Point(shipped.lagRecords(durable))));
        all.add(gauge("sallyport_audit_lag_bytes", "About as many bytes.", new Point(shipped.lagBytes(durable))));
    }
}
