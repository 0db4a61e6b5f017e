package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.kernel.ProcessMemory;
import java.time.Duration;
import java.util.Map;

/** All configurations once, each started anew. */
record MemoryRound(Map<String, Measured> measured) {
    private static final double MEGABYTE = 1 << 20;

    /**
     * @param loaded memory after load, by part
     * @param errors wrong answers under load
     */
    record Measured(Map<String, ProcessMemory> loaded, long errors, Large upload, Large download) {
        void describe(ObjectNode json) {
            json.put("wrongAnswers", errors);
            loaded.forEach((part, memory) -> MemoryRound.describe(json.putObject(part), memory));
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

        private void describe(ObjectNode json) {
            json.put("bytes", bytes).put("nanos", took.toNanos()).put("cpuNanos", cpuNanos);
            memory.forEach((part, found) -> MemoryRound.describe(json.putObject(part), found));
        }
    }

    static double megabytes(long bytes) {
        return bytes / MEGABYTE;
    }

    static void describe(ObjectNode json, ProcessMemory memory) {
        json.put("residentBytes", memory.resident())
                .put("privateBytes", memory.privateBytes())
                .put("peakBytes", memory.peak());
    }

    void describe(ObjectNode json) {
        measured.forEach((name, result) -> result.describe(json.putObject(name)));
    }
}
