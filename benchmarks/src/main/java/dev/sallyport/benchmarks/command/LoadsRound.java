package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;

/**
 * All configurations once, each under the same loads one after the other.
 *
 * @param measured by configuration, in the order in which they were measured; of each by load
 */
record LoadsRound(Map<String, Map<String, Phase>> measured, Noise noise) implements Round {
    /** The configuration under a load, both measured. */
    Phase phase(String configuration, String load) {
        return Optional.ofNullable(measured.get(configuration))
                .map(loads -> loads.get(load))
                .orElseThrow();
    }

    /** Of a configuration, under all loads together. */
    long failed(String configuration) {
        return Optional.ofNullable(measured.get(configuration)).orElseThrow().values().stream()
                .mapToLong(phase -> phase.load().failed())
                .sum();
    }

    @Override
    public Iterable<String> order() {
        return measured.keySet();
    }

    @Override
    public void describe(ObjectNode json) {
        noise.describe(json.putObject("noise"));
        ObjectNode configurations = json.putObject("configurations");
        measured.forEach((name, loads) -> {
            ObjectNode configuration = configurations.putObject(name);
            loads.forEach((load, phase) -> phase.describe(configuration.putObject(load)));
        });
    }
}
