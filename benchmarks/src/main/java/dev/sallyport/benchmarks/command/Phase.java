package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.load.LoadResult;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * One configuration under one load in one round.
 *
 * @param cpuMicros per right answer, by part; of the kernel's clock of each process
 * @param noise meanwhile
 * @param setAside the same, measured in the same round while the machine was noisier; kept with the raw figures, counted nowhere
 */
record Phase(LoadResult load, Map<String, Double> cpuMicros, Noise noise, List<Phase> setAside) {
    /** The quietest of several attempts. */
    static Phase quietest(List<Phase> attempts) {
        Phase best = attempts.stream()
                .min(Comparator.comparingDouble(attempt -> attempt.noise.percent()))
                .orElseThrow();
        List<Phase> others =
                attempts.stream().filter(attempt -> attempt != best).toList();
        return new Phase(best.load, best.cpuMicros, best.noise, others);
    }

    static Phase of(LoadResult load, Account account) {
        Map<String, Double> micros = new LinkedHashMap<>();
        account.nanos().forEach((part, nanos) -> micros.put(part, nanos / 1e3 / Math.max(1, load.answered())));
        return new Phase(load, micros, Noise.of(account), List.of());
    }

    /** Latency in microseconds; 100 is the greatest. */
    double micros(double percentile) {
        return load.latencies().getValueAtPercentile(percentile) / 1e3;
    }

    /** Of both proxies together; 0 without any. */
    double pairMicros() {
        return cpuMicros.getOrDefault("outbound", 0.0) + cpuMicros.getOrDefault("inbound", 0.0);
    }

    void describe(ObjectNode json) {
        json.put("answered", load.answered()).put("perSecond", load.perSecond());
        noise.describe(json.putObject("noise"));
        ObjectNode errors = json.putObject("errors");
        load.errors().forEach(errors::put);
        ObjectNode latency = json.putObject("latencyMicros");
        for (double percentile : new double[] {50, 90, 99, 99.9, 100}) {
            latency.put(percentileName(percentile), micros(percentile));
        }
        ObjectNode cpu = json.putObject("cpuMicrosPerRequest");
        cpuMicros.forEach(cpu::put);
        json.put("histogram", encoded(load.latencies())); // nanoseconds; HdrHistogram's own form, compressed
        if (!setAside.isEmpty()) {
            ArrayNode others = json.putArray("setAside");
            setAside.forEach(attempt -> attempt.describe(others.addObject()));
        }
    }

    /** {@code p99}, {@code p99.9}, {@code max}. */
    static String percentileName(double percentile) {
        return percentile == 100 ? "max" : "p" + String.valueOf(percentile).replaceAll("\\.0$", "");
    }

    static String encoded(Histogram histogram) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(java.util.Arrays.copyOf(buffer.array(), length));
    }
}
