package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.kernel.ProcessMemory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** The figures of {@link SinksCommand}: each state of the sink beside the one in which it answers. */
final class SinksTable {
    private static final List<Comparison.Ratio> RATIOS = List.of(
            new Comparison.Ratio("lossy", "answers"),
            new Comparison.Ratio("silent", "answers"),
            new Comparison.Ratio("refuses", "answers"));

    private SinksTable() {}

    static Comparison<SinksRound> of(List<String> states, List<SinksRound> rounds) {
        Comparison<SinksRound> comparison = new Comparison<>(states, rounds, RATIOS);
        figure(comparison, "p50, µs", 0, found -> found.phase().micros(50));
        figure(comparison, "p99, µs", 0, found -> found.phase().micros(99));
        figure(comparison, "p99.9, µs", 0, found -> found.phase().micros(99.9));
        figure(comparison, "answered/s", 0, found -> found.phase().load().perSecond());
        figure(comparison, "CPU, pair, µs/request", 1, found -> found.phase().pairMicros());
        for (String part : List.of("outbound", "inbound")) {
            figure(comparison, part + " resident, begin, MB", 1, found -> resident(found.begin(), part));
            figure(comparison, "  " + part + ", end", 1, found -> resident(found.end(), part));
            figure(
                    comparison,
                    "  " + part + ", end / begin",
                    3,
                    found -> resident(found.end(), part) / resident(found.begin(), part));
            figure(
                    comparison,
                    "  " + part + ", peak",
                    1,
                    found -> MemoryRound.megabytes(memory(found.end(), part).peak()));
        }
        figure(comparison, "spans sent, a request", 2, found -> found.perRequest("spans sent"));
        figure(comparison, "  dropped", 2, found -> found.perRequest("spans dropped"));
        figure(comparison, "  failed", 2, found -> found.perRequest("spans failed"));
        figure(comparison, "access lines, a request", 2, found -> found.perRequest("access_log_lines written"));
        return figure(
                comparison, "wrong answers", 0, found -> found.phase().load().failed());
    }

    private static Comparison<SinksRound> figure(
            Comparison<SinksRound> comparison, String label, int digits, ToDoubleFunction<SinksRound.Measured> of) {
        return comparison.figure(label, digits, (round, state) -> Optional.of(of.applyAsDouble(round.of(state))));
    }

    private static double resident(Map<String, ProcessMemory> parts, String part) {
        return MemoryRound.megabytes(memory(parts, part).resident());
    }

    private static ProcessMemory memory(Map<String, ProcessMemory> parts, String part) {
        return Optional.ofNullable(parts.get(part)).orElseThrow();
    }
}
