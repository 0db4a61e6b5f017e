package dev.sallyport.server.http;

import dev.sallyport.server.issuer.Issuers;
import dev.sallyport.server.issuer.Issuers.State;
import dev.sallyport.server.issuer.Issuers.Status;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** What the status says of issuers, as metrics; read at each scrape. Prometheus' own types: Micrometer's forget no issuer that is no longer declared. */
final class IssuerMetrics {
    private final PrometheusRegistry registry;
    private final Issuers issuers;

    private IssuerMetrics(PrometheusRegistry registry, Issuers issuers) {
        this.registry = registry;
        this.issuers = issuers;
    }

    static void register(PrometheusRegistry registry, Issuers issuers) {
        IssuerMetrics metrics = new IssuerMetrics(registry, issuers);
        metrics.gauge("sallyport_issuer_keys", "Keys of an issuer that count", Status::keys);
        metrics.gauge(
                "sallyport_issuer_keys_skipped",
                "Published keys of an issuer that do not count",
                status -> status.skipped().size());
        metrics.gauge(
                "sallyport_issuer_failing",
                "1 while an issuer's keys cannot be fetched; the last good ones stay",
                status -> status.error().isPresent() ? 1 : 0);
        metrics.moment(
                "sallyport_issuer_keys_fetched_timestamp_seconds",
                "When the last good keys of an issuer were fetched",
                Status::fetchedAt);
        metrics.moment(
                "sallyport_issuer_keys_good_until_timestamp_seconds",
                "When an issuer's keys end unless they are fetched again",
                Status::goodUntil);
        metrics.states();
        metrics.fetches();
        metrics.reports();
    }

    private void gauge(String name, String help, ToDoubleFunction<Status> value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("issuer")
                .callback(gauge ->
                        issuers.status().forEach(status -> gauge.call(value.applyAsDouble(status), status.name())))
                .register(registry);
    }

    private void moment(String name, String help, Function<Status, Optional<Instant>> value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("issuer")
                .callback(gauge -> issuers.status()
                        .forEach(status -> value.apply(status)
                                .ifPresent(moment -> gauge.call(moment.toEpochMilli() / 1000.0, status.name()))))
                .register(registry);
    }

    private void states() {
        GaugeWithCallback.builder()
                .name("sallyport_issuer_state")
                .help("1 for the state that an issuer's keys are in")
                .labelNames("issuer", "state")
                .callback(gauge -> {
                    for (Status status : issuers.status()) {
                        for (State state : State.values()) {
                            gauge.call(status.state() == state ? 1 : 0, status.name(), state.word());
                        }
                    }
                })
                .register(registry);
    }

    private void fetches() {
        CounterWithCallback.builder()
                .name("sallyport_issuer_fetches_total")
                .help("Fetches of an issuer's keys since the start")
                .labelNames("issuer", "result")
                .callback(counter -> issuers.status().forEach(status -> {
                    counter.call((double) status.fetches(), status.name(), "success");
                    counter.call((double) status.fetchFailures(), status.name(), "failure");
                }))
                .register(registry);
    }

    private void reports() {
        CounterWithCallback.builder()
                .name("sallyport_issuer_key_reports_total")
                .help("How often a sidecar wanted a key of an issuer that it does not have, since the start")
                .labelNames("issuer")
                .callback(counter ->
                        issuers.status().forEach(status -> counter.call((double) status.keyReports(), status.name())))
                .register(registry);
    }
}
