package dev.sallyport.benchmarks.report;

import java.util.Optional;

/** What a run says of one budget. */
sealed interface Verdict {
    /** {@code value}: the ratio, or the median. */
    record Measured(double value) implements Verdict {}

    /** The configuration could not hold the load: worse than any value. */
    record Overloaded(String configuration) implements Verdict {}

    /** The run does not tell. */
    record Unknown(String why) implements Verdict {}

    /** The run should tell, and does not: a figure was renamed, or the budget misspelt. */
    record NoSuchFigure(String why) implements Verdict {}

    /** {@code figures}: of the budget's benchmark, if it was run. */
    static Verdict of(Budget budget, Optional<RawFigures> figures) {
        if (figures.isEmpty()) {
            return new Unknown(budget.benchmark() + " was not run");
        }
        RawFigures raw = figures.get();
        if (!raw.has(budget.figure())) {
            return new NoSuchFigure("no such figure (expected: one of " + String.join("; ", raw.figures()) + ")");
        }
        if (raw.overloaded(budget.figure(), budget.of())) {
            return new Overloaded(budget.of());
        }
        Optional<Double> of = median(raw, budget, budget.of());
        if (of.isEmpty() || budget.to().isEmpty()) {
            return of.<Verdict>map(Measured::new).orElseGet(() -> missing(raw, budget.of()));
        }
        String to = budget.to().get();
        if (raw.overloaded(budget.figure(), to)) {
            return new Unknown(to + " could not hold the load");
        }
        return median(raw, budget, to)
                .filter(other -> other > 0)
                .<Verdict>map(other -> new Measured(of.get() / other))
                .orElseGet(() -> missing(raw, to));
    }

    private static Optional<Double> median(RawFigures raw, Budget budget, String configuration) {
        return raw.spread(budget.figure(), configuration).map(RawFigures.Spread::median);
    }

    private static Verdict missing(RawFigures raw, String configuration) {
        return new Unknown(
                configuration + (raw.leftOut().contains(configuration) ? " was left out" : " was not measured"));
    }
}
