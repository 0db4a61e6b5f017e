package dev.sallyport.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tables of the report. */
final class Markdown {
    private Markdown() {}

    static List<String> table(List<String> head, List<List<String>> rows) {
        List<String> lines = new ArrayList<>();
        lines.add("| " + String.join(" | ", head) + " |");
        lines.add("|---" + "|---:".repeat(head.size() - 1) + "|");
        rows.forEach(row -> lines.add("| " + String.join(" | ", row) + " |"));
        return lines;
    }

    /** Median, with least and greatest of the rounds; a mark where other programs disturbed one. */
    static List<String> figures(RawFigures raw, String prefix, List<String> labels) {
        List<List<String>> rows = new ArrayList<>();
        for (String configuration : raw.configurations(prefix)) {
            List<String> row = new ArrayList<>(List.of(ours(configuration)));
            for (String label : labels) {
                row.add(cell(raw, prefix + label, configuration));
            }
            rows.add(row);
        }
        List<String> head = new ArrayList<>(List.of("median (least–greatest)"));
        head.addAll(labels);
        return table(head, rows);
    }

    /** Every figure, a column a configuration. */
    static List<String> everything(RawFigures raw) {
        List<String> configurations = List.copyOf(raw.configurations(""));
        List<List<String>> rows = new ArrayList<>();
        for (String figure : raw.figures()) {
            List<String> row = new ArrayList<>(List.of(figure.strip()));
            configurations.forEach(configuration -> row.add(cell(raw, figure, configuration)));
            rows.add(row);
        }
        List<String> head = new ArrayList<>(List.of("median (least–greatest)"));
        configurations.forEach(configuration -> head.add(ours(configuration)));
        return table(head, rows);
    }

    private static String cell(RawFigures raw, String figure, String configuration) {
        if (raw.overloaded(figure, configuration)
                && raw.spread(figure, configuration).isEmpty()) {
            return "overload";
        }
        return raw.spread(figure, configuration)
                .map(spread -> Budget.number(spread.median())
                        + (spread.least() == spread.greatest()
                                ? ""
                                : " (" + Budget.number(spread.least()) + "–" + Budget.number(spread.greatest()) + ")")
                        + (raw.noisy(figure, configuration) ? " ~" : ""))
                .orElse("–");
    }

    /** Ours stand out. */
    private static String ours(String configuration) {
        return configuration.startsWith("sallyport") ? "**" + configuration + "**" : configuration;
    }

    /** Goal, measured, met or missed: of those budgets that have a goal. */
    static List<String> goals(List<Budget> budgets, Results results) {
        List<List<String>> rows = new ArrayList<>();
        for (Budget budget : budgets) {
            budget.goal().ifPresent(goal -> rows.add(row(budget, goal, results)));
        }
        return table(List.of("figure", "of", "goal (stretch)", "measured", ""), rows);
    }

    private static List<String> row(Budget budget, double goal, Results results) {
        String wanted = budget.direction().text(goal)
                + budget.stretch()
                        .map(stretch -> " (" + Budget.number(stretch) + ")")
                        .orElse("");
        Optional<RawFigures> raw = results.of(budget.benchmark());
        List<String> verdict = switch (Verdict.of(budget, raw)) {
            case Verdict.Measured(double value) -> List.of(Budget.number(value), met(budget, goal, value));
            case Verdict.Overloaded(var _) -> List.of("overload", "**missed**");
            case Verdict.NoSuchFigure(var _) -> List.of("–", "no such figure");
            case Verdict.Unknown(String why) -> List.of("–", why);
        };
        return List.of(
                budget.benchmark() + ": " + budget.figure(),
                budget.sides(),
                wanted,
                verdict.getFirst(),
                verdict.getLast());
    }

    private static String met(Budget budget, double goal, double value) {
        if (!budget.direction().holds(value, goal)) {
            return "**missed**";
        }
        return budget.stretch()
                        .filter(stretch -> budget.direction().holds(value, stretch))
                        .isPresent()
                ? "met, stretch too"
                : "met";
    }
}
