package dev.sallyport.proxy.admin;

import static dev.sallyport.proxy.admin.SidecarMetrics.counter;
import static dev.sallyport.proxy.admin.SidecarMetrics.gauge;

import dev.sallyport.proxy.admin.SidecarMetrics.Point;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** This process under the names of Prometheus' own clients. What the platform does not tell is left out; the start is micrometer's {@code process_start_time_seconds}. Reads {@code /proc}: not on an event loop. */
final class ProcessMetrics {
    private static final Path SELF = Path.of("/proc/self");

    private ProcessMetrics() {}

    static List<MetricSnapshot> collect() {
        List<MetricSnapshot> all = new ArrayList<>();
        ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .ifPresent(cpu -> all.add(counter(
                        "process_cpu_seconds",
                        "CPU time of all threads, user and system.",
                        new Point(cpu.toNanos() / 1e9))));
        try {
            for (String line : Files.readAllLines(SELF.resolve("status"))) {
                if (line.startsWith("VmRSS:")) {
                    all.add(gauge("process_resident_memory_bytes", "Memory in use.", new Point(kilobytes(line))));
                } else if (line.startsWith("VmSize:")) {
                    all.add(gauge("process_virtual_memory_bytes", "Address space.", new Point(kilobytes(line))));
                }
            }
            try (Stream<Path> open = Files.list(SELF.resolve("fd"))) {
                all.add(gauge("process_open_fds", "Open files and sockets.", new Point(open.count())));
            }
        } catch (IOException e) {
            // Not Linux: then without.
        }
        return all;
    }

    /** {@code VmRSS:   93012 kB}. */
    private static double kilobytes(String line) {
        return 1024.0 * Long.parseLong(line.replaceAll("[^0-9]", ""));
    }
}
