package dev.sallyport.benchmarks.command;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** The figures of all configurations under one load, over the rounds. What could not hold the load has its rate, and no latency or cost. */
final class LoadFigures {
    private static final String DIRECT = "direct";

    private final Load load;
    private final Comparison<LoadsRound> comparison;
    private final Set<String> overloaded = new HashSet<>();

    LoadFigures(Load load, List<String> names, List<LoadsRound> rounds) {
        this.load = load;
        comparison = new Comparison<>(names, rounds);
        for (String name : names) {
            List<Phase> phases =
                    rounds.stream().map(round -> round.phase(name, load.name())).toList();
            // Of the rounds as a whole, as every figure is: half of them held no rate.
            if (2 * phases.stream().filter(load::overloads).count() > phases.size()) {
                overloaded.add(name);
                comparison.overloaded(name);
            }
            if (phases.stream().anyMatch(phase -> phase.noise().noisy())) {
                comparison.noisy(name);
            }
        }
    }

    Load load() {
        return load;
    }

    Comparison<LoadsRound> comparison() {
        return comparison;
    }

    Set<String> overloaded() {
        return Set.copyOf(overloaded);
    }

    /** {@code p50, µs} and, where {@code direct} is measured too, {@code added p50, µs}: what is more than direct's in the same round. */
    LoadFigures added(double percentile) {
        latency(percentile);
        comparison.figure(
                "added " + label(percentile),
                0,
                (round, name) -> phase(round, name)
                        .filter(_ -> !name.equals(DIRECT)
                                && round.measured().containsKey(DIRECT)
                                && !overloaded.contains(DIRECT))
                        .map(phase -> phase.micros(percentile)
                                - round.phase(DIRECT, load.name()).micros(percentile)));
        return this;
    }

    LoadFigures latency(double percentile) {
        return every(label(percentile), 0, phase -> phase.micros(percentile));
    }

    private static String label(double percentile) {
        return Phase.percentileName(percentile) + ", µs";
    }

    /** Right answers a second, also of what is overloaded. */
    LoadFigures perSecond(String label) {
        comparison.figure(
                label,
                0,
                (round, name) ->
                        Optional.of(round.phase(name, load.name()).load().perSecond()));
        return this;
    }

    /** Of the proxies of configurations that have them. */
    LoadFigures ofPairs(String label, ToDoubleFunction<Phase> of) {
        comparison.figure(
                label,
                1,
                (round, name) -> phase(round, name)
                        .filter(phase -> phase.cpuMicros().containsKey("outbound"))
                        .map(of::applyAsDouble));
        return this;
    }

    LoadFigures every(String label, int digits, ToDoubleFunction<Phase> of) {
        comparison.figure(label, digits, (round, name) -> phase(round, name).map(of::applyAsDouble));
        return this;
    }

    private Optional<Phase> phase(LoadsRound round, String name) {
        return overloaded.contains(name) ? Optional.empty() : Optional.of(round.phase(name, load.name()));
    }
}
