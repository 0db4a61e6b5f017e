package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.kernel.MachineTime;
import java.util.Locale;

/**
 * What says how far to trust figures.
 *
 * @param machine over all that was measured
 * @param ownNanos CPU time of everything that belongs to the bench, meanwhile
 */
record Noise(MachineTime machine, long ownNanos) {
    static final Noise NONE = new Noise(new MachineTime(0, 0, 0), 0);

    /** Above this, in hundredths of all CPUs, the figures are of a machine that was shared. */
    private static final double NOISY_PERCENT = 5;

    static Noise of(Account account) {
        return NONE.plus(account);
    }

    Noise plus(Account account) {
        return new Noise(machine.plus(account.machine()), ownNanos + account.totalNanos());
    }

    Noise plus(Noise other) {
        return new Noise(machine.plus(other.machine), ownNanos + other.ownNanos);
    }

    /** {@code order}: in which configurations were measured. */
    String text(Iterable<String> order) {
        return String.format(
                Locale.ROOT,
                "other programs %.1f %% of the CPUs, host stole %.1f %%%s; order %s",
                machine.othersPercent(ownNanos),
                machine.stolenPercent(),
                noisy() ? ": noisy, not to be quoted" : "",
                String.join(", ", order));
    }

    boolean noisy() {
        return percent() > NOISY_PERCENT;
    }

    /** Of all CPUs: what other programs took, and what the host stole. */
    double percent() {
        return machine.othersPercent(ownNanos) + machine.stolenPercent();
    }

    void describe(ObjectNode json) {
        json.put("othersPercent", machine.othersPercent(ownNanos)).put("stolenPercent", machine.stolenPercent());
        if (noisy()) {
            json.put("noisy", true);
        }
    }
}
