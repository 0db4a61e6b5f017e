package dev.sallyport.server.http;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import dev.sallyport.server.budget.OutageWatch;
import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.issuer.Issuers;
import dev.sallyport.server.mesh.FolderAuthor;
import dev.sallyport.server.mesh.PolicyStore;
import dev.sallyport.server.mesh.PolicyVersion;
import dev.sallyport.server.store.Store;
import dev.sallyport.server.stream.Sidecars;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.Info;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** 15014: {@code /livez}, {@code /readyz}, {@code /metrics}. Plain HTTP; nothing here is secret. */
public final class Monitoring {
    private static final MediaType PROMETHEUS = MediaType.parse("text/plain; version=0.0.4; charset=utf-8");

    private static final MediaType OPENMETRICS =
            MediaType.parse("application/openmetrics-text; version=1.0.0; charset=utf-8");

    private static final long REQUEST_BYTES_MAX = 1024;

    private final PrometheusMeterRegistry metrics;
    private final PolicyStore documents;
    private final Info revision;
    private final AtomicBoolean ready = new AtomicBoolean();

    public Monitoring(
            PrometheusMeterRegistry metrics,
            PolicyStore documents,
            Optional<FolderAuthor> folder,
            Issuers issuers,
            Sidecars sidecars,
            OutageWatch outages,
            Authorities authorities,
            Store store,
            long epoch) {
        this.metrics = metrics;
        this.documents = documents;
        // Prometheus' own type: Micrometer cannot name a metric ..._info.
        this.revision = Info.builder()
                .name("sallyport_config_revision")
                .help("1 for the revision in force")
                .labelNames("revision", "digest")
                .register(metrics.getPrometheusRegistry());
        IssuerMetrics.register(metrics.getPrometheusRegistry(), issuers);
        CertificateMetrics.register(metrics.getPrometheusRegistry(), outages, authorities);
        StoreMetrics.register(metrics.getPrometheusRegistry(), store);
        ProcessMetrics.register(metrics.getPrometheusRegistry());
        metrics.counter("sallyport_issuance_alarms"); // from 0 on: an alert on its increase would not see the first
        gauge("sallyport_sidecars_connected", "Sidecars with an open stream", sidecars::connectedCount);
        gauge(
                "sallyport_sidecars_applied",
                "Connected sidecars that have the revision in force",
                () -> sidecars.appliedCount(epoch, documents.revision()));
        gauge("sallyport_sidecars_refused", "Connected sidecars that refused a snapshot", sidecars::refusedCount);
        gauge(
                "sallyport_documents_failing",
                "1 while the documents folder holds a set that is refused",
                () -> folder.flatMap(FolderAuthor::lastError).isPresent() ? 1 : 0);
        gauge(
                "sallyport_documents_refused",
                "Changed sets that were refused since the start",
                () -> folder.map(FolderAuthor::refused).orElse(0L));
    }

    private void gauge(String name, String description, java.util.function.Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(metrics);
    }

    public void serve(ServerBuilder server) {
        server.maxRequestLength(REQUEST_BYTES_MAX)
                .service("/livez", (_, _) -> HttpResponse.of("ok\n"))
                .service("/readyz", (_, _) -> readyz())
                .service("/metrics", (_, request) -> {
                    String accepted = request.headers().get(HttpHeaderNames.ACCEPT, "");
                    return HttpResponse.of(
                            CompletableFuture.supplyAsync(() -> metrics(accepted), Handler.VIRTUAL_THREADS));
                });
    }

    /** All listeners are bound and the ready line is out. */
    public void ready(boolean value) {
        ready.set(value);
    }

    private HttpResponse readyz() {
        return ready.get()
                ? HttpResponse.of("ok\n")
                : HttpResponse.of(HttpStatus.SERVICE_UNAVAILABLE, MediaType.PLAIN_TEXT_UTF_8, "starting or stopping\n");
    }

    /** Not on an event loop, which carries the streams: some figures are asked of the store. */
    private HttpResponse metrics(String accepted) {
        refresh();
        MediaType type = accepted.contains("application/openmetrics-text") ? OPENMETRICS : PROMETHEUS;
        return HttpResponse.of(HttpStatus.OK, type, HttpData.ofUtf8(metrics.scrape(type.toString())));
    }

    private synchronized void refresh() {
        String digest = documents.current().map(PolicyVersion::digest).orElse("");
        String current = Long.toString(documents.revision());
        revision.setLabelValues(current, digest);
    }
}
