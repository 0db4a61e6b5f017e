package dev.sallyport.proxy.admin;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Prometheus text at {@code /metrics} and, for scrape jobs made for other sidecars, {@code /stats/prometheus}; OpenMetrics, which has exemplars, for whoever would rather have that. Any thread; one page at a time is made.
 */
public final class MetricsPages implements Pages {
    private static final Set<String> PATHS = Set.of("/metrics", "/stats/prometheus");
    private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private final Observed observed;
    private final boolean istioNames;
    // Of the pages' thread. Made at the first scrape: a sidecar that nobody scrapes loads none of it.
    private @Nullable PrometheusMeterRegistry registry;

    /** {@code istioNames}: requests under Istio's names as well. */
    public MetricsPages(Observed observed, boolean istioNames) {
        this.observed = observed;
        this.istioNames = istioNames;
    }

    @Override
    public Page page(PageRequest request) {
        if (!request.get()) {
            return Page.text(405, "GET only\n");
        }
        if (!PATHS.contains(request.path())) {
            return Page.notFound();
        }
        String format = Accept.of(request.accept()).prefersOpenMetrics() ? OPEN_METRICS : TEXT_FORMAT;
        return new Page(200, format, scrape(format));
    }

    private synchronized String scrape(String format) {
        return registry().scrape(format);
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
            made.getPrometheusRegistry().register(new SidecarMetrics(observed, istioNames));
            registry = made;
        }
        return made;
    }
}
