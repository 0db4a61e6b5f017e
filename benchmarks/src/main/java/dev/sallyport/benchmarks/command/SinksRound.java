package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.kernel.ProcessMemory;
import java.util.Map;
import java.util.Optional;

/** The sink in each of its states once, behind the same pair. */
record SinksRound(Map<String, Measured> measured, Noise noise) implements Round {
    /**
     * The pair under load while the sink was in one state.
     *
     * @param begin memory before the load, by part
     * @param end memory after it; its peak is that since the beginning
     * @param counts by how much the pair's own counters grew
     */
    record Measured(
            Phase phase, Map<String, ProcessMemory> begin, Map<String, ProcessMemory> end, Map<String, Long> counts) {
        /** Of both sidecars together; two each request where nothing is lost. */
        double perRequest(String count) {
            return (double) counts.getOrDefault(count, 0L)
                    / Math.max(1, phase.load().answered());
        }

        private void describe(ObjectNode json) {
            phase.describe(json);
            begin.forEach((part, memory) -> MemoryRound.describe(json.putObject(part + " begin"), memory));
            end.forEach((part, memory) -> MemoryRound.describe(json.putObject(part + " end"), memory));
            ObjectNode grown = json.putObject("counts");
            counts.forEach(grown::put);
        }
    }

    Measured of(String state) {
        return Optional.ofNullable(measured.get(state)).orElseThrow();
    }

    @Override
    public Iterable<String> order() {
        return measured.keySet();
    }

    @Override
    public void describe(ObjectNode json) {
        noise.describe(json.putObject("noise"));
        ObjectNode states = json.putObject("states");
        measured.forEach((state, found) -> found.describe(states.putObject(state)));
    }
}
