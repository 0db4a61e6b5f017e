package dev.sallyport.proxy.admin;

import dev.sallyport.proxy.telemetry.Cell;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.RequestKey;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.Optional;

/**
 * The same requests under Istio's names and labels (istio.io, Istio Standard Metrics), for dashboards and Kiali: {@code metrics.compat: [istio]}. A workload is what its SPIFFE ID names; what only Kubernetes knows is
 * {@code unknown}, as Istio has it. Sizes are those of bodies, where Istio counts heads too; buckets are OpenTelemetry's.
 * Of Istio's names {@code istio_request_messages_total}, {@code istio_response_messages_total} and {@code istio_tcp_*} are not there: nothing here counts messages in a body, or speaks anything but HTTP.
 */
final class IstioMetrics {
    private static final String UNKNOWN = "unknown";

    private final String service;
    private final String ownId;

    private IstioMetrics(String service, String ownId) {
        this.service = service;
        this.ownId = ownId;
    }

    /** {@code service}, {@code ownId}: the name of the service here, and its SPIFFE ID. */
    static List<MetricSnapshot> collect(ProxyMetrics metrics, String service, String ownId) {
        IstioMetrics names = new IstioMetrics(service, ownId);
        List<Cell> inbound = metrics.cells(Direction.INBOUND);
        List<Cell> outbound = metrics.cells(Direction.OUTBOUND);
        Projection all = Projection.of(inbound, key -> Optional.of(names.destination(key)))
                .and(Projection.of(outbound, key -> Optional.of(names.source(key))));
        return List.of(
                all.requests("istio_requests", "Requests ended."),
                all.durations("istio_request_duration_milliseconds", "First byte to last.", Projection.MILLISECOND),
                all.requestSizes("istio_request_bytes", "Bodies of requests."),
                all.responseSizes("istio_response_bytes", "Bodies of responses."));
    }

    /** As the destination reports it. */
    private Labels destination(RequestKey key) {
        LabelSet labels = new LabelSet().with("reporter", "destination");
        workload(labels, "source", key.caller(), UNKNOWN);
        workload(labels, "destination", ownId, service);
        return rest(labels, key, service, ownId, key.caller().isEmpty() ? "none" : "mutual_tls");
    }

    /** As the source reports it; how the connection is secured is the other side's to say. */
    private Labels source(RequestKey key) {
        String name = key.service().isEmpty() ? UNKNOWN : key.service();
        LabelSet labels = new LabelSet().with("reporter", "source");
        workload(labels, "source", ownId, service);
        workload(labels, "destination", key.peer(), name);
        return rest(labels, key, name, key.peer(), UNKNOWN);
    }

    private static void workload(LabelSet labels, String side, String id, String knownAs) {
        String name = knownAs.equals(UNKNOWN) ? of(id, "/sa/") : knownAs;
        labels.with(side + "_workload", name)
                .with(side + "_workload_namespace", of(id, "/ns/"))
                .with(side + "_principal", id.isEmpty() ? UNKNOWN : id)
                .with(side + "_app", name)
                .with(side + "_version", UNKNOWN)
                .with(side + "_cluster", UNKNOWN)
                .with(side + "_canonical_service", name)
                .with(side + "_canonical_revision", "latest"); // Istio's word where none is set
    }

    private static Labels rest(LabelSet labels, RequestKey key, String destination, String id, String security) {
        return labels.with("destination_service", destination)
                .with("destination_service_name", destination)
                .with("destination_service_namespace", of(id, "/ns/"))
                .with("request_protocol", "http")
                .with("response_code", key.status() == 0 ? "0" : RequestMetrics.status(key))
                .withEmpty("grpc_response_status")
                .with("response_flags", key.flags())
                .with("connection_security_policy", security)
                .labels();
    }

    /** The segment after {@code mark}, as Istio takes a namespace from a principal. */
    private static String of(String id, String mark) {
        if (id.equals(RequestKey.OVERFLOW)) {
            return id;
        }
        int at = id.indexOf(mark);
        if (at < 0) {
            return UNKNOWN;
        }
        int from = at + mark.length();
        int to = id.indexOf('/', from);
        return to < 0 ? id.substring(from) : id.substring(from, to);
    }
}
