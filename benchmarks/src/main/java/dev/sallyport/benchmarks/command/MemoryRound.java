package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.kernel.ProcessMemory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** All configurations once, each started anew. */
record MemoryRound(Map<String, Measured> measured) {
    private static final double MEGABYTE = 1 << 20;

    /**
     * @param loaded memory after each load, by the load's name and the part's
     * @param twice of each proxy of two pairs that run beside each other, after load; empty without proxies
     * @param errors wrong answers under load
     */
    record Measured(
            Map<String, Map<String, ProcessMemory>> loaded,
            List<ProcessMemory> twice,
            long errors,
            Large upload,
            Large download) {
        /** Of one proxy. */
        Optional<Double> megabytes(String load, String part, ToLongFunction<ProcessMemory> bytes) {
            return Optional.ofNullable(loaded.get(load))
                    .flatMap(parts -> Optional.ofNullable(parts.get(part)))
                    .map(memory -> MemoryRound.megabytes(bytes.applyAsLong(memory)));
        }

        /** Of the proxies of two pairs, in the mean. */
        Optional<Double> meanMegabytes(ToLongFunction<ProcessMemory> bytes) {
            return twice.isEmpty()
                    ? Optional.empty()
                    : Optional.of(twice.stream().mapToLong(bytes).average().orElseThrow() / MEGABYTE);
        }

        void describe(ObjectNode json) {
            json.put("wrongAnswers", errors);
            loaded.forEach((load, parts) -> MemoryRound.describe(json.putObject(load), parts));
            ArrayNode proxies = json.putArray("twoPairs");
            twice.forEach(memory -> MemoryRound.describe(proxies.addObject(), memory));
            upload.describe(json.putObject("upload"));
            download.describe(json.putObject("download"));
        }
    }

    /**
     * One large body through the pair.
     *
     * @param cpuNanos of the pair
     * @param memory of each part when it was over; its peak is that since the transfer began
     */
    record Large(long bytes, Duration took, long cpuNanos, Map<String, ProcessMemory> memory) {
        double megabytesPerSecond() {
            return bytes / MEGABYTE / (took.toNanos() / 1e9);
        }

        /** CPU time for each gigabyte, in milliseconds. */
        double cpuMillisPerGigabyte() {
            return cpuNanos / 1e6 / (bytes / MEGABYTE / 1024);
        }

        Optional<Double> peakMegabytes(String part) {
            return Optional.ofNullable(memory.get(part)).map(found -> megabytes(found.peak()));
        }

        private void describe(ObjectNode json) {
            json.put("bytes", bytes).put("nanos", took.toNanos()).put("cpuNanos", cpuNanos);
            MemoryRound.describe(json, memory);
        }
    }

    Optional<Measured> of(String name) {
        return Optional.ofNullable(measured.get(name));
    }

    static double megabytes(long bytes) {
        return bytes / MEGABYTE;
    }

    private static void describe(ObjectNode json, Map<String, ProcessMemory> parts) {
        parts.forEach((part, memory) -> describe(json.putObject(part), memory));
    }

    static void describe(ObjectNode json, ProcessMemory memory) {
        json.put("residentBytes", memory.resident())
                .put("privateBytes", memory.privateBytes())
                .put("proportionalBytes", memory.proportional())
                .put("peakBytes", memory.peak());
    }

    void describe(ObjectNode json) {
        measured.forEach((name, result) -> result.describe(json.putObject(name)));
    }
}
