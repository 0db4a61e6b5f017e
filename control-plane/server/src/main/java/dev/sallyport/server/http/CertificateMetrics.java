package dev.sallyport.server.http;

import dev.sallyport.authority.Standing;
import dev.sallyport.server.budget.OutageBudget;
import dev.sallyport.server.budget.OutageBudget.Failure;
import dev.sallyport.server.budget.OutageBudget.Outage;
import dev.sallyport.server.budget.OutageWatch;
import dev.sallyport.server.ca.Authorities;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Comparator;
import java.util.function.Consumer;
import java.util.function.Function;

/** The outage budget and the ends of the authority's certificates; read at each scrape. {@code deploy/observability/alerts/certificates.yaml} alarms on them. */
final class CertificateMetrics {
    private final PrometheusRegistry registry;
    private final OutageWatch outages;

    private CertificateMetrics(PrometheusRegistry registry, OutageWatch outages) {
        this.registry = registry;
        this.outages = outages;
    }

    static void register(PrometheusRegistry registry, OutageWatch outages, Authorities authorities) {
        CertificateMetrics metrics = new CertificateMetrics(registry, outages);
        metrics.budget(
                "sallyport_outage_budget_first_failure_seconds",
                "How long until the first workload fails if this part died now",
                Outage::first);
        metrics.budget(
                "sallyport_outage_budget_half_failure_seconds",
                "How long until half of the workloads have failed if this part died now",
                Outage::half);
        metrics.gauge(
                "sallyport_outage_budget_planned_seconds",
                "The outage that everybody outlives by the settings, while renewals are on time",
                gauge -> gauge.call(seconds(outages.plan().shortest())));
        metrics.gauge(
                "sallyport_outage_budget_minimum_seconds",
                "The outage that everybody must outlive, if configured",
                gauge -> outages.plan().minimum().ifPresent(minimum -> gauge.call(seconds(minimum))));
        metrics.gauge(
                "sallyport_renewals_late",
                "Workloads whose renewal should have happened by now",
                gauge -> gauge.call(outages.budget().late()));
        metrics.expirations(authorities);
    }

    private void gauge(String name, String help, Consumer<GaugeWithCallback.Callback> callback, String... labels) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .callback(callback)
                .register(registry);
    }

    private void budget(String name, String help, Function<Outage, Failure> which) {
        gauge(
                name,
                help,
                gauge -> {
                    OutageBudget budget = outages.budget();
                    for (Outage outage : budget.outages()) {
                        gauge.call(
                                seconds(Duration.between(
                                        budget.at(), which.apply(outage).at())),
                                budget.kind().code(),
                                outage.lost().code());
                    }
                },
                "kind",
                "lost");
    }

    private void expirations(Authorities authorities) {
        gauge(
                "sallyport_certificate_expiration_timestamp_seconds",
                "End of a certificate of the authority; of several roots the first end.",
                gauge -> {
                    Standing standing = authorities.active().standing();
                    String domain = authorities.bundle().trustDomain().uri();
                    gauge.call(end(standing.issuer()), domain, "intermediate");
                    standing.next().ifPresent(next -> gauge.call(end(next), domain, "intermediate-next"));
                    authorities.bundle().authorities().stream()
                            .min(Comparator.comparing(X509Certificate::getNotAfter))
                            .ifPresent(root -> gauge.call(end(root), domain, "root"));
                },
                "spiffe_id",
                "kind");
    }

    private static double end(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant().getEpochSecond();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
