package dev.sallyport.server.http;

import dev.sallyport.server.store.Store;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.SummaryWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Quantiles;

/** How the store's one thread keeps up; read at each scrape, without a call of the store. */
final class StoreMetrics {
    private StoreMetrics() {}

    static void register(PrometheusRegistry registry, Store store) {
        SummaryWithCallback.builder()
                .name("sallyport_store_call_seconds")
                .help("Calls of the store, waiting for its thread included")
                .callback(summary ->
                        summary.call(store.stats().calls(), store.stats().seconds(), Quantiles.EMPTY))
                .register(registry);
        CounterWithCallback.builder()
                .name("sallyport_store_failures_total")
                .help("Calls that the database failed, or that found no room to wait")
                .callback(counter -> counter.call((double) store.stats().failures()))
                .register(registry);
        GaugeWithCallback.builder()
                .name("sallyport_store_waiting")
                .help("Calls that wait for the store's thread; 1024 may")
                .callback(gauge -> gauge.call(store.waiting()))
                .register(registry);
    }
}
