package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.load.LoadResult;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * All configurations of {@code bench tokens} once.
 *
 * @param measured by configuration, in the order in which they were measured
 */
record TokenRound(Map<String, Measured> measured, Noise noise) implements Round {
    /** What became of the requests of {@code load}, and of those of {@code other}. */
    record Measured(Phase phase, Optional<Beside> beside) {}

    /** {@code lasted}: all of it counts. */
    record Beside(LoadResult load, Duration lasted) {
        double served() {
            return load.answered() / (lasted.toNanos() / 1e9);
        }

        /** Answers a second with this status, which is not 200. */
        double refused(String status) {
            return load.errors().getOrDefault(status, 0L) / (lasted.toNanos() / 1e9);
        }

        private void describe(ObjectNode json) {
            json.put("seconds", lasted.toNanos() / 1e9).put("served", load.answered());
            ObjectNode errors = json.putObject("errors");
            load.errors().forEach(errors::put);
        }
    }

    @Override
    public Iterable<String> order() {
        return measured.keySet();
    }

    /** What was answered as it should not have been; empty when all is well. */
    Optional<String> wrong(String configuration) {
        Measured result = measured.get(configuration);
        if (result.phase().load().failed() > 0) {
            return Optional.of("wrong answers " + result.phase().load().errors() + " (expected: none)");
        }
        boolean flood = configuration.equals(TokenLoads.FLOOD);
        return result.beside().map(Beside::load).flatMap(other -> {
            boolean right = flood
                    ? other.answered() == 0
                            && java.util.Set.of("401", "429")
                                    .containsAll(other.errors().keySet())
                    : other.failed() == 0;
            return right
                    ? Optional.empty()
                    : Optional.of("other was served " + other.answered() + " times, and answered " + other.errors()
                            + " (expected: " + (flood ? "401 and 429 only" : "200 only") + ")");
        });
    }

    @Override
    public void describe(ObjectNode json) {
        noise.describe(json.putObject("noise"));
        ObjectNode configurations = json.putObject("configurations");
        measured.forEach((name, result) -> {
            ObjectNode configuration = configurations.putObject(name);
            result.phase().describe(configuration.putObject("load"));
            result.beside().ifPresent(beside -> beside.describe(configuration.putObject("other")));
        });
    }
}
