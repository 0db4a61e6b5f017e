package dev.sallyport.benchmarks.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Tables of the report. */
final class Markdown {
    private static final String DIRECT = "direct";

    private Markdown() {}

    static List<String> table(List<String> head, List<List<String>> rows) {
        List<String> lines = new ArrayList<>();
        lines.add("| " + String.join(" | ", head) + " |");
        lines.add("|---" + "|---:".repeat(head.size() - 1) + "|");
        rows.forEach(row -> lines.add("| " + String.join(" | ", row) + " |"));
        return lines;
    }

    /** Median, with least and greatest of the rounds; a mark where other programs disturbed one. Says which of the figures the run does not have. */
    static List<String> figures(RawFigures raw, String prefix, List<String> labels) {
        List<String> known =
                labels.stream().filter(label -> raw.has(prefix + label)).toList();
        List<String> lines = new ArrayList<>();
        labels.stream()
                .filter(label -> !known.contains(label))
                .forEach(label -> lines.addAll(List.of("*This run has no figure `" + prefix + label + "`.*", "")));
        if (known.isEmpty()) {
            return lines;
        }
        List<List<String>> rows = new ArrayList<>();
        for (String configuration : raw.configurations(prefix)) {
            List<String> row = new ArrayList<>(List.of(ours(configuration)));
            known.forEach(label -> row.add(cell(raw, prefix + label, configuration)));
            rows.add(row);
        }
        List<String> head = new ArrayList<>(List.of("median (least–greatest)"));
        head.addAll(known);
        lines.addAll(table(head, rows));
        return lines;
    }

    /** By how much the backend alone exceeds the fastest pair under each load: the load generator can do that much, at least. */
    static List<String> headroom(RawFigures raw, String label) {
        List<String> lines = new ArrayList<>();
        for (String figure : raw.figures().stream()
                .filter(name -> name.endsWith(" " + label))
                .toList()) {
            Optional<String> fastest = raw.configurations(figure).stream()
                    .filter(name -> !name.equals(DIRECT))
                    .max(Comparator.comparingDouble(name -> median(raw, figure, name)));
            fastest.filter(_ -> raw.spread(figure, DIRECT).isPresent())
                    .ifPresent(name -> lines.add("- "
                            + figure + ": `direct` has "
                            + Budget.number(median(raw, figure, DIRECT) / median(raw, figure, name))
                            + " times those of the fastest pair, " + name));
        }
        return lines;
    }

    private static double median(RawFigures raw, String figure, String configuration) {
        return raw.spread(figure, configuration).map(RawFigures.Spread::median).orElse(0.0);
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
