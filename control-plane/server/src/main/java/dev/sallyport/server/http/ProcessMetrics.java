package dev.sallyport.server.http;

import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.core.metrics.SummaryWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Quantiles;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.lang.management.OperatingSystemMXBean;
import java.util.function.ToDoubleFunction;

/**
 * The process and its JVM under the names that every Prometheus client uses ({@code process_cpu_seconds_total}, {@code jvm_memory_used_bytes}), read at each scrape. Micrometer's
 * binders have names of their own for the first, and know no collection before the first one has happened.
 */
final class ProcessMetrics {
    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;

    private final PrometheusRegistry registry;

    private ProcessMetrics(PrometheusRegistry registry) {
        this.registry = registry;
    }

    static void register(PrometheusRegistry registry) {
        ProcessMetrics metrics = new ProcessMetrics(registry);
        metrics.process();
        metrics.memory("jvm_memory_used_bytes", "Bytes in use", MemoryUsage::getUsed);
        metrics.memory("jvm_memory_committed_bytes", "Bytes taken from the system", MemoryUsage::getCommitted);
        metrics.memory("jvm_memory_max_bytes", "Bytes that may be taken; -1: no bound", MemoryUsage::getMax);
        metrics.collections();
        metrics.gauge("jvm_threads_current", "Platform threads", ManagementFactory.getThreadMXBean()::getThreadCount);
        Info.builder()
                .name("sallyport_build")
                .help("This program.")
                .labelNames("version")
                .register(registry)
                .setLabelValues(System.getProperty("sallyport.version", ""));
    }

    private void process() {
        gauge(
                "process_start_time_seconds",
                "When this process began, since the epoch",
                () -> ManagementFactory.getRuntimeMXBean().getStartTime() / MILLIS);
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        if (system instanceof UnixOperatingSystemMXBean unix) {
            CounterWithCallback.builder()
                    .name("process_cpu_seconds_total")
                    .help("CPU time, user and system")
                    .callback(counter -> counter.call(unix.getProcessCpuTime() / NANOS))
                    .register(registry);
            gauge("process_open_fds", "Open file descriptors", unix::getOpenFileDescriptorCount);
            gauge("process_max_fds", "File descriptors that may be open", unix::getMaxFileDescriptorCount);
        }
    }

    private interface Value {
        double now();
    }

    private void gauge(String name, String help, Value value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(gauge -> gauge.call(value.now()))
                .register(registry);
    }

    private void memory(String name, String help, ToDoubleFunction<MemoryUsage> value) {
        var memory = ManagementFactory.getMemoryMXBean();
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("area")
                .callback(gauge -> {
                    gauge.call(value.applyAsDouble(memory.getHeapMemoryUsage()), "heap");
                    gauge.call(value.applyAsDouble(memory.getNonHeapMemoryUsage()), "nonheap");
                })
                .register(registry);
    }

    private void collections() {
        SummaryWithCallback.builder()
                .name("jvm_gc_collection_seconds")
                .help("Collections of garbage, and the time that they took")
                .labelNames("gc")
                .callback(summary -> {
                    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
                        summary.call(
                                collector.getCollectionCount(),
                                collector.getCollectionTime() / MILLIS,
                                Quantiles.EMPTY,
                                collector.getName());
                    }
                })
                .register(registry);
    }
}
