package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.kernel.MachineTime;
import java.util.Map;

/**
 * All configurations once.
 *
 * @param measured by configuration, in the order in which they were measured
 * @param machine over all that was measured
 * @param ownNanos CPU time of everything that belongs to the bench, meanwhile
 */
record LatencyRound(Map<String, Measured> measured, MachineTime machine, long ownNanos) {
    /** On a schedule, then as fast as it goes. */
    record Measured(Phase scheduled, Phase saturated) {
        long failed() {
            return scheduled.load().failed() + saturated.load().failed();
        }
    }

    /** Above this, in hundredths of all CPUs, the figures are of a machine that was shared. */
    private static final double NOISY_PERCENT = 5;

    /** What says how far to trust the round. */
    String noise() {
        return String.format(
                java.util.Locale.ROOT,
                "other programs %.1f %% of the CPUs, host stole %.1f %%%s; order %s",
                machine.othersPercent(ownNanos),
                machine.stolenPercent(),
                noisy() ? ": noisy, not to be quoted" : "",
                String.join(", ", measured.keySet()));
    }

    private boolean noisy() {
        return machine.othersPercent(ownNanos) + machine.stolenPercent() > NOISY_PERCENT;
    }

    void describe(ObjectNode json) {
        json.putObject("noise")
                .put("othersPercent", machine.othersPercent(ownNanos))
                .put("stolenPercent", machine.stolenPercent());
        ObjectNode configurations = json.putObject("configurations");
        measured.forEach((name, result) -> {
            ObjectNode configuration = configurations.putObject(name);
            result.scheduled().describe(configuration.putObject("scheduled"));
            result.saturated().describe(configuration.putObject("saturated"));
        });
    }
}
