package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * Both ways once.
 *
 * @param measured by way, in the order in which they were measured
 */
record VaultRound(Map<String, Phase> measured, Noise noise) implements Round {
    @Override
    public Iterable<String> order() {
        return measured.keySet();
    }

    @Override
    public void describe(ObjectNode json) {
        noise.describe(json.putObject("noise"));
        ObjectNode ways = json.putObject("ways");
        measured.forEach((name, phase) -> phase.describe(ways.putObject(name)));
    }
}
