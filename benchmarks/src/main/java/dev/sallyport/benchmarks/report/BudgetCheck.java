package dev.sallyport.benchmarks.report;

import dev.sallyport.document.InvalidDocumentException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which budgets a run kept.
 *
 * @param fell one line each: figure, measured, budget
 * @param unchecked one line each: figure, and why this run does not tell
 */
public record BudgetCheck(int kept, List<String> fell, List<String> unchecked) {
    public BudgetCheck {
        fell = List.copyOf(fell);
        unchecked = List.copyOf(unchecked);
    }

    /**
     * Of the raw figures in a folder.
     *
     * @throws IOException when a file cannot be read, or {@code budgets} is not valid: then its message is every problem, with file, line and column
     */
    public static BudgetCheck of(Path budgets, Path results) throws IOException {
        try {
            return of(Budgets.read(budgets), results);
        } catch (InvalidDocumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    static BudgetCheck of(List<Budget> budgets, Path results) throws IOException {
        int kept = 0;
        List<String> fell = new ArrayList<>();
        List<String> unchecked = new ArrayList<>();
        for (Budget budget : budgets) {
            Optional<RawFigures> figures = RawFigures.read(results, budget.benchmark());
            boolean quick = figures.filter(RawFigures::quick).isPresent();
            Optional<Double> bound = quick ? budget.quick() : Optional.of(budget.bound());
            if (bound.isEmpty()) {
                unchecked.add(budget.name() + ": a quick run does not tell");
                continue;
            }
            String limit = " (budget: " + budget.direction().text(bound.get()) + ")";
            switch (Verdict.of(budget, figures)) {
                case Verdict.Measured(double value) when budget.direction().holds(value, bound.get()) -> kept++;
                case Verdict.Measured(double value) -> fell.add(budget.name() + ": " + Budget.number(value) + limit);
                // A cold minute on a shared machine may not hold a rate; what is saturated still tells.
                case Verdict.Overloaded(var _) when quick -> unchecked.add(budget.name() + ": overload in a quick run");
                case Verdict.Overloaded(var _) -> fell.add(budget.name() + ": overload" + limit);
                case Verdict.NoSuchFigure(String why) -> fell.add(budget.where() + ": " + budget.name() + ": " + why);
                case Verdict.Unknown(String why) -> unchecked.add(budget.name() + ": " + why);
            }
        }
        return new BudgetCheck(kept, fell, unchecked);
    }
}
