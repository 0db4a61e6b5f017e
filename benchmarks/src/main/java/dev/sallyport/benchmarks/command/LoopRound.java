package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.loop.Trial;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * All configurations of {@code bench loop} once.
 *
 * @param measured by configuration, in the order in which they were measured
 */
record LoopRound(Map<String, Measured> measured, Noise noise) implements Round {
    /** {@code cpuMillis}: of the process, for each second. */
    record Measured(Trial.Result result, double cpuMillis) {}

    @Override
    public Iterable<String> order() {
        return measured.keySet();
    }

    @Override
    public void describe(ObjectNode json) {
        noise.describe(json.putObject("noise"));
        ObjectNode configurations = json.putObject("configurations");
        measured.forEach((name, measured) -> {
            ObjectNode configuration = configurations.putObject(name).put("cpuMillisPerSecond", measured.cpuMillis);
            describe(configuration.putObject("short"), measured.result.shortWork());
            describe(configuration.putObject("verification"), measured.result.longWork());
        });
    }

    private static void describe(ObjectNode json, Histogram delays) {
        json.put("count", delays.getTotalCount());
        for (double percentile : new double[] {50, 90, 99, 99.9, 100}) {
            json.put(Phase.percentileName(percentile), delays.getValueAtPercentile(percentile) / 1e3);
        }
        json.put("histogram", Phase.encoded(delays));
    }
}
