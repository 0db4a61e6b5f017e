package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.command.Comparison.Ratio;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** The two tables of {@code bench tokens}: what a token costs, and what one caller's tokens do to another. */
final class TokenTables {
    private final List<TokenRound> rounds;

    TokenTables(List<TokenRound> rounds) {
        this.rounds = rounds;
    }

    /** Of those {@code names} that belong there. */
    Comparison<TokenRound> costs(List<String> names) {
        Comparison<TokenRound> comparison = new Comparison<>(
                names.stream().filter(TokenLoads.COSTS::contains).toList(), rounds, List.of());
        latency(comparison);
        for (String part : List.of("inbound", "outbound")) {
            ToDoubleFunction<Phase> cpu = phase -> phase.cpuMicros().get(part);
            figure(comparison, "CPU, " + part + ", µs/request", 1, cpu);
            difference(comparison, TokenLoads.NONE, cpu);
            difference(comparison, TokenLoads.PADDED, cpu);
        }
        figure(comparison, "CPU, backend", 1, phase -> phase.cpuMicros().get("backend"));
        figure(comparison, "CPU, load", 1, phase -> phase.cpuMicros().get("load"));
        return comparison;
    }

    /** Within one round, so that what a whole round suffered from is not in it. */
    private static void difference(Comparison<TokenRound> comparison, String base, ToDoubleFunction<Phase> of) {
        comparison.figure(
                "  more than " + base,
                1,
                (round, name) -> Optional.ofNullable(round.measured().get(base))
                        .filter(_ -> !name.equals(base))
                        .map(less ->
                                of.applyAsDouble(round.measured().get(name).phase()) - of.applyAsDouble(less.phase())));
    }

    Comparison<TokenRound> neighbours(List<String> names) {
        Comparison<TokenRound> comparison = new Comparison<>(
                names.stream().filter(TokenLoads.NEIGHBOURS::contains).toList(),
                rounds,
                List.of(new Ratio(TokenLoads.FLOOD, TokenLoads.GOOD), new Ratio(TokenLoads.FLOOD, TokenLoads.ALONE)));
        latency(comparison);
        figure(comparison, "answered/s", 0, phase -> phase.load().perSecond());
        figure(comparison, "CPU, inbound, % of one", 1, phase -> {
            double microsPerSecond =
                    phase.cpuMicros().get("inbound") * phase.load().perSecond();
            return microsPerSecond / 1e4;
        });
        beside(comparison, "other: 200/s", TokenRound.Beside::served);
        beside(comparison, "other: 401/s", other -> other.refused("401"));
        beside(comparison, "other: 429/s", other -> other.refused("429"));
        return comparison;
    }

    private static void latency(Comparison<TokenRound> comparison) {
        figure(comparison, "p50, µs", 0, phase -> phase.micros(50));
        figure(comparison, "p99, µs", 0, phase -> phase.micros(99));
        figure(comparison, "p99.9, µs", 0, phase -> phase.micros(99.9));
        figure(comparison, "max, µs", 0, phase -> phase.micros(100));
    }

    private static void figure(
            Comparison<TokenRound> comparison, String label, int digits, ToDoubleFunction<Phase> of) {
        comparison.figure(
                label,
                digits,
                (round, name) ->
                        Optional.of(of.applyAsDouble(round.measured().get(name).phase())));
    }

    private static void beside(
            Comparison<TokenRound> comparison, String label, ToDoubleFunction<TokenRound.Beside> of) {
        comparison.figure(
                label, 0, (round, name) -> round.measured().get(name).beside().map(of::applyAsDouble));
    }
}
