package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.pair.Catalogue;
import dev.sallyport.benchmarks.pair.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What one must know of a machine and its programs to read figures that were measured on it. */
final class Machine {
    private static final Path GOVERNOR = Path.of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");

    private Machine() {}

    static void describe(ObjectNode json) {
        json.put("kernel", System.getProperty("os.version"))
                .put("architecture", System.getProperty("os.arch"))
                .put("cpu", field(Path.of("/proc/cpuinfo"), "model name"))
                .put("cpus", Runtime.getRuntime().availableProcessors())
                .put("memory", field(Path.of("/proc/meminfo"), "MemTotal"))
                .put("governor", line(GOVERNOR).orElse("unknown"));
    }

    static void versions(ObjectNode json) {
        json.put("sallyport", System.getProperty("sallyport.version", "unknown"))
                .put("commit", commit())
                .put("java", System.getProperty("java.vm.version"));
        Map<String, String> peers = Catalogue.versions();
        for (String peer : List.of("nginx", "haproxy", "envoy")) {
            json.put(peer, peers.getOrDefault(peer, "none"));
        }
    }

    private static String commit() {
        return Said.by(List.of("git", "-C", RunOptions.checkout().toString(), "describe", "--always", "--dirty"))
                .map(String::strip)
                .orElse("unknown");
    }

    private static String field(Path file, String name) {
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static Optional<String> line(Path file) {
        try {
            return Files.readString(file).lines().findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
