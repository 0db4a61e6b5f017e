package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;

/** All configurations once, each started anew. */
record StartRound(Map<String, Start> measured, Noise noise) implements Round {
    /**
     * One configuration's starts.
     *
     * @param firstMillis from the execution of both programs to the first request that was answered, nothing kept from runs before
     * @param coldMillis CPU of both since then, when the cold load is over
     * @param cold that load
     * @param keptMillis as {@code firstMillis}, with what the run before has kept; for those who keep something
     * @param alone the callee's side without the caller's, for those who can
     */
    record Start(
            double firstMillis, double coldMillis, Phase cold, Optional<Double> keptMillis, Optional<Alone> alone) {
        void describe(ObjectNode json) {
            json.put("firstMillis", firstMillis).put("cpuMillis", coldMillis);
            keptMillis.ifPresent(millis -> json.put("keptMillis", millis));
            alone.ifPresent(found -> found.describe(json.putObject("alone")));
            cold.describe(json.putObject("cold"));
        }
    }

    /**
     * @param readyMillis to the line in which it says that it is ready; for those who say so
     * @param firstMillis to the first request that was answered over mutual TLS
     */
    record Alone(Optional<Double> readyMillis, double firstMillis) {
        private void describe(ObjectNode json) {
            json.put("firstMillis", firstMillis);
            readyMillis.ifPresent(millis -> json.put("readyMillis", millis));
        }
    }

    Optional<Start> of(String name) {
        return Optional.ofNullable(measured.get(name));
    }

    @Override
    public Iterable<String> order() {
        return measured.keySet();
    }

    @Override
    public void describe(ObjectNode json) {
        noise.describe(json.putObject("noise"));
        ObjectNode configurations = json.putObject("configurations");
        measured.forEach((name, start) -> start.describe(configurations.putObject(name)));
    }
}
