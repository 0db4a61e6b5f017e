package dev.sallyport.proxy.admin;

import static dev.sallyport.proxy.admin.SidecarMetrics.gauge;

import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.admin.SidecarMetrics.Point;
import dev.sallyport.proxy.telemetry.Cell;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.RequestKey;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.Optional;

/** Requests under OpenTelemetry's names for HTTP (semantic conventions, HTTP metrics) in Prometheus form: from other sidecars ({@code server}), and of the application ({@code client}). */
final class RequestMetrics {
    private RequestMetrics() {}

    static List<MetricSnapshot> collect(ProxyMetrics metrics) {
        List<Cell> inbound = metrics.cells(Direction.INBOUND);
        List<Cell> outbound = metrics.cells(Direction.OUTBOUND);
        Projection serverSizes = Projection.of(inbound, key -> Optional.of(sizes(key)));
        Projection clientSizes = Projection.of(outbound, key -> Optional.of(sizes(key)));
        return List.of(
                gauge(
                        "http_server_active_requests",
                        "Requests from other sidecars under way.",
                        new Point(metrics.active(Direction.INBOUND))),
                gauge(
                        "http_client_active_requests",
                        "Requests of the application under way.",
                        new Point(metrics.active(Direction.OUTBOUND))),
                Projection.of(inbound, key -> Optional.of(server(key)))
                        .durations(
                                "http_server_request_duration_seconds",
                                "Requests from other sidecars, first byte to last.",
                                Projection.SECOND),
                Projection.of(outbound, key -> Optional.of(client(key)))
                        .durations(
                                "http_client_request_duration_seconds",
                                "Requests of the application, first byte to last.",
                                Projection.SECOND),
                serverSizes.requestSizes(
                        "http_server_request_body_size_bytes", "Bodies of requests from other sidecars."),
                serverSizes.responseSizes("http_server_response_body_size_bytes", "Bodies of the answers to them."),
                clientSizes.requestSizes(
                        "http_client_request_body_size_bytes", "Bodies of requests of the application."),
                clientSizes.responseSizes("http_client_response_body_size_bytes", "Bodies of the answers to them."));
    }

    private static Labels server(RequestKey key) {
        return common(key).with("http_route", key.template()).labels();
    }

    private static Labels client(RequestKey key) {
        return common(key).with("server_address", key.service()).labels();
    }

    private static Labels sizes(RequestKey key) {
        return new LabelSet()
                .with("http_request_method", key.method())
                .with("url_scheme", "https")
                .with("http_route", key.template())
                .with("server_address", key.service())
                .labels();
    }

    private static LabelSet common(RequestKey key) {
        return new LabelSet()
                .with("http_request_method", key.method())
                .with("url_scheme", "https") // between sidecars there is nothing else
                .with("http_response_status_code", status(key))
                .with("error_type", error(key))
                .with("network_protocol_version", key.version());
    }

    /** Of what is beyond the bound of cells {@code 5xx}, which whoever asks for {@code 5..} finds. */
    static String status(RequestKey key) {
        if (key.status() == 0) {
            return "";
        }
        return key.status() < 0 ? -key.status() + "xx" : Integer.toString(key.status());
    }

    /** Why the mesh ended it, or the application's own status where that says that it failed: of a client's side from 400 on, of a server's from 500 on, as OpenTelemetry has it. */
    private static String error(RequestKey key) {
        if (key.reason() != Reason.ALLOWED) {
            return key.reason().code();
        }
        int hundreds = key.status() < 0 ? -key.status() : key.status() / 100;
        if (hundreds < (key.service().isEmpty() ? 5 : 4)) {
            return "";
        }
        return key.status() < 0 ? "_OTHER" : status(key);
    }
}
