package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * All configurations once.
 *
 * @param measured by configuration, in the order in which they were measured
 */
record HandshakeRound(Map<String, Measured> measured, Noise noise) {
    /** With a certificate that was seen before, then with one that was not each time. */
    record Measured(Phase known, Phase fresh) {
        long failed() {
            return known.load().failed() + fresh.load().failed();
        }
    }

    String text() {
        return noise.text(measured.keySet());
    }

    void describe(ObjectNode json) {
        noise.describe(json.putObject("noise"));
        ObjectNode configurations = json.putObject("configurations");
        measured.forEach((name, result) -> {
            ObjectNode configuration = configurations.putObject(name);
            result.known().describe(configuration.putObject("known"));
            result.fresh().describe(configuration.putObject("fresh"));
        });
    }
}
