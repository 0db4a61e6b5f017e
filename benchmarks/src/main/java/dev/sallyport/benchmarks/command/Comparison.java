package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/** Figures by configuration, as medians over rounds, and ratios of medians. {@code R} is a round. */
final class Comparison<R> {
    /** Every ratio that a table of pairs shows, if both sides were measured. */
    private static final List<Ratio> TO_PEERS = List.of(
            new Ratio("sallyport", "envoy-full"),
            new Ratio("sallyport", "nginx"),
            new Ratio("sallyport", "haproxy"),
            new Ratio("sallyport", "before"),
            new Ratio("sallyport-minimal", "envoy"),
            new Ratio("sallyport-1000", "envoy-1000"),
            new Ratio("sallyport-1000", "sallyport"),
            new Ratio("sallyport-10000", "sallyport"),
            new Ratio("sallyport-overlapped", "sallyport"),
            new Ratio("sallyport-required", "sallyport"),
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
    private final Set<String> overloaded = new TreeSet<>();
    private final Set<String> noisy = new TreeSet<>();

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

    /** What could not hold the load: that word stands where its latency would. */
    Comparison<R> overloaded(String configuration) {
        overloaded.add(configuration);
        return this;
    }

    /** What was measured while the machine was busy with other things, even when repeated: its figures bear a mark. */
    Comparison<R> noisy(String configuration) {
        noisy.add(configuration);
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

    /** Of a figure by its label; empty where the configuration has none. */
    OptionalDouble median(String label, String configuration) {
        return figures.stream()
                .filter(figure -> figure.label.equals(label))
                .flatMap(figure -> series(figure, configuration).stream())
                .mapToDouble(Series::median)
                .findFirst();
    }

    /** The configuration with the greatest median of a figure. */
    Optional<Map.Entry<String, Double>> greatest(String label, Predicate<String> among) {
        return configurations.stream()
                .filter(among)
                .flatMap(name -> median(label, name).stream().mapToObj(value -> Map.entry(name, value)))
                .max(Map.Entry.comparingByValue());
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
            ratios.forEach(ratio -> row.add(text(figure, ratio)));
            table.row(row);
        }
        return table.lines();
    }

    /** A line for each configuration, then for each ratio: for few figures of many. */
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
        for (Ratio ratio : ratios) {
            List<String> row = new ArrayList<>(List.of(ratio.of + " / " + ratio.to));
            figures.forEach(figure -> row.add(text(figure, ratio)));
            table.row(row);
        }
        return table.lines();
    }

    private String text(Figure<R> figure, Ratio ratio) {
        return ratio(figure, ratio)
                .map(value -> String.format(Locale.ROOT, "%.2f", value))
                .orElse("-");
    }

    private String text(Figure<R> figure, String configuration) {
        return series(figure, configuration)
                .map(series -> series.text(figure.digits) + (noisy.contains(configuration) ? " ~" : ""))
                .orElse(overloaded.contains(configuration) ? "overload" : "-");
    }

    void describe(ObjectNode json) {
        describe(json, "");
    }

    /** {@code prefix}: of each figure's name, where several comparisons share a summary. */
    void describe(ObjectNode json, String prefix) {
        for (Figure<R> figure : figures) {
            ObjectNode line = json.putObject(prefix + figure.label);
            var medians =
                    new LinkedHashMap<String, Series>(); // in the order of the run, which is that of tables and plots
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
