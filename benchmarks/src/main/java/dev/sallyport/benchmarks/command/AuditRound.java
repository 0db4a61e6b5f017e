package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.audit.Fio;
import dev.sallyport.benchmarks.audit.Forces;
import java.util.Map;
import java.util.Optional;

/**
 * Log and disk once, for every number of waiters.
 *
 * @param measured by configuration, in the order in which they were measured
 * @param fio as many records with each force as in the configuration {@code device N}, by N
 */
record AuditRound(Map<String, Forces> measured, Map<Integer, Fio.Said> fio, Noise noise) {
    Optional<Double> perSecond(String name) {
        return Optional.ofNullable(measured.get(name)).map(Forces::perSecond);
    }

    Optional<Double> micros(String name, double percentile) {
        return Optional.ofNullable(measured.get(name))
                .map(forces -> (double) forces.micros().getValueAtPercentile(percentile));
    }

    void describe(ObjectNode json) {
        noise.describe(json.putObject("noise"));
        ObjectNode configurations = json.putObject("configurations");
        measured.forEach((name, forces) -> {
            ObjectNode one = configurations
                    .putObject(name)
                    .put("perSecond", forces.perSecond())
                    .put("failed", forces.failed());
            for (double percentile : new double[] {50, 90, 99, 99.9, 100}) {
                one.put(Phase.percentileName(percentile), forces.micros().getValueAtPercentile(percentile));
            }
            one.put("histogram", Phase.encoded(forces.micros()));
        });
        ObjectNode second = json.putObject("fio");
        fio.forEach((records, said) -> second.putObject(String.valueOf(records))
                .put("perSecond", said.perSecond())
                .put("p50", said.p50Micros()));
    }
}
