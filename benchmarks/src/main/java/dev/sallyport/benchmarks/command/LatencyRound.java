package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * All configurations once.
 *
 * @param measured by configuration, in the order in which they were measured
 */
record LatencyRound(Map<String, Measured> measured, Noise noise) {
    /** On a schedule, then as fast as it goes. */
    record Measured(Phase scheduled, Phase saturated) {
        long failed() {
            return scheduled.load().failed() + saturated.load().failed();
        }
    }

    /** What says how far to trust the round. */
    String text() {
        return noise.text(measured.keySet());
    }

    void describe(ObjectNode json) {
        noise.describe(json.putObject("noise"));
        ObjectNode configurations = json.putObject("configurations");
        measured.forEach((name, result) -> {
            ObjectNode configuration = configurations.putObject(name);
            result.scheduled().describe(configuration.putObject("scheduled"));
            result.saturated().describe(configuration.putObject("saturated"));
        });
    }
}
