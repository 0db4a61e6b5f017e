package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** Figures by configuration, as medians over rounds, and ratios of medians. {@code R} is a round. */
final class Comparison<R> {
    private static final List<Ratio> TO_PEERS = List.of(
            new Ratio("sallyport", "nginx"),
            new Ratio("sallyport", "before"),
            new Ratio("observed", "sallyport"),
            new Ratio("traced", "sallyport"));

    /** Of the medians of two configurations. */
    record Ratio(String of, String to) {}

    /** One line of the table; {@code of} finds its value in a round for a configuration that has it. */
    private record Figure<R>(String label, int digits, BiFunction<R, String, Optional<Double>> of) {}

    private final List<String> configurations;
    private final List<R> rounds;
    private final List<Ratio> ratios;
    private final List<Figure<R>> figures = new ArrayList<>();

    /** Of the sidecar to its peers. */
    Comparison(List<String> configurations, List<R> rounds) {
        this(configurations, rounds, TO_PEERS);
    }

    /** {@code ratios}: those of which both sides were measured are shown. */
    Comparison(List<String> configurations, List<R> rounds, List<Ratio> ratios) {
        this.configurations = List.copyOf(configurations);
        this.rounds = List.copyOf(rounds);
        this.ratios = ratios.stream()
                .filter(ratio -> configurations.containsAll(List.of(ratio.of, ratio.to)))
                .toList();
    }

    Comparison<R> figure(String label, int digits, BiFunction<R, String, Optional<Double>> of) {
        figures.add(new Figure<>(label, digits, of));
        return this;
    }

    private Optional<Series> series(Figure<R> figure, String configuration) {
        List<Double> values = rounds.stream()
                .flatMap(round -> figure.of.apply(round, configuration).stream())
                .toList();
        return values.isEmpty() ? Optional.empty() : Optional.of(Series.of(values));
    }

    private Optional<Double> ratio(Figure<R> figure, Ratio ratio) {
        return series(figure, ratio.of)
                .flatMap(one -> series(figure, ratio.to)
                        .filter(other -> other.median() > 0)
                        .map(other -> one.median() / other.median()));
    }

    List<String> table() {
        Table table = new Table();
        List<String> head = new ArrayList<>(List.of("median (least..greatest)"));
        head.addAll(configurations);
        ratios.forEach(ratio -> head.add(ratio.of + " / " + ratio.to));
        table.row(head);
        for (Figure<R> figure : figures) {
            List<String> row = new ArrayList<>(List.of(figure.label));
            configurations.forEach(configuration -> row.add(text(figure, configuration)));
            for (Ratio ratio : ratios) {
                row.add(ratio(figure, ratio)
                        .map(value -> String.format(Locale.ROOT, "%.2f", value))
                        .orElse("-"));
            }
            table.row(row);
        }
        return table.lines();
    }

    /** Without ratios, a line for each configuration: for few figures of many. */
    List<String> lines() {
        Table table = new Table();
        List<String> head = new ArrayList<>(List.of("median (least..greatest)"));
        figures.forEach(figure -> head.add(figure.label));
        table.row(head);
        for (String configuration : configurations) {
            List<String> row = new ArrayList<>(List.of(configuration));
            figures.forEach(figure -> row.add(text(figure, configuration)));
            table.row(row);
        }
        return table.lines();
    }

    private String text(Figure<R> figure, String configuration) {
        return series(figure, configuration)
                .map(series -> series.text(figure.digits))
                .orElse("-");
    }

    void describe(ObjectNode json) {
        for (Figure<R> figure : figures) {
            ObjectNode line = json.putObject(figure.label);
            var medians = new TreeMap<String, Series>();
            configurations.forEach(name -> series(figure, name).ifPresent(series -> medians.put(name, series)));
            medians.forEach((name, series) -> line.putObject(name)
                    .put("median", series.median())
                    .put("least", series.least())
                    .put("greatest", series.greatest()));
            ratios.forEach(
                    ratio -> ratio(figure, ratio).ifPresent(value -> line.put(ratio.of + "/" + ratio.to, value)));
        }
    }
}
