package dev.sallyport.proxy.admin;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Prometheus text at {@code /metrics} and, for scrape jobs made for other sidecars, {@code /stats/prometheus}. */
public final class MetricsPages implements Pages {
    private static final Set<String> PATHS = Set.of("/metrics", "/stats/prometheus");
    private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    private final Observed observed;
    // Of the pages' thread. Made at the first scrape: a sidecar that nobody scrapes loads none of it.
    private @Nullable PrometheusMeterRegistry registry;

    public MetricsPages(Observed observed) {
        this.observed = observed;
    }

    @Override
    public Page page(PageRequest request) {
        if (!request.get()) {
            return Page.text(405, "GET only\n");
        }
        return PATHS.contains(request.path())
                ? new Page(200, TEXT_FORMAT, registry().scrape(TEXT_FORMAT))
                : Page.notFound();
    }

    @SuppressWarnings("resource") // JvmGcMetrics listens for as long as the process lives
    private PrometheusMeterRegistry registry() {
        PrometheusMeterRegistry made = registry;
        if (made == null) {
            made = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            new JvmMemoryMetrics().bindTo(made);
            new JvmGcMetrics().bindTo(made);
            new JvmThreadMetrics().bindTo(made);
            new UptimeMetrics().bindTo(made);
            made.getPrometheusRegistry().register(new SidecarMetrics(observed));
            registry = made;
        }
        return made;
    }
}
