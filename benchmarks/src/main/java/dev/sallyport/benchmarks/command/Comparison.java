package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** Figures by configuration, as medians over rounds, and the ratios of the sidecar's medians to its peers'. {@code R} is a round. */
final class Comparison<R> {
    private static final String OURS = "sallyport";
    private static final List<String> PEERS = List.of("nginx", "before");

    /** One line of the table; {@code of} finds its value in a round for a configuration that has it. */
    private record Figure<R>(String label, int digits, BiFunction<R, String, Optional<Double>> of) {}

    private final List<String> configurations;
    private final List<R> rounds;
    private final List<Figure<R>> figures = new ArrayList<>();

    Comparison(List<String> configurations, List<R> rounds) {
        this.configurations = List.copyOf(configurations);
        this.rounds = List.copyOf(rounds);
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

    private Optional<Double> ratio(Figure<R> figure, String peer) {
        return series(figure, OURS)
                .flatMap(ours -> series(figure, peer)
                        .filter(theirs -> theirs.median() > 0)
                        .map(theirs -> ours.median() / theirs.median()));
    }

    private List<String> peers() {
        return configurations.contains(OURS)
                ? PEERS.stream().filter(configurations::contains).toList()
                : List.of();
    }

    List<String> table() {
        Table table = new Table();
        List<String> head = new ArrayList<>(List.of("median (least..greatest)"));
        head.addAll(configurations);
        peers().forEach(peer -> head.add(OURS + " / " + peer));
        table.row(head);
        for (Figure<R> figure : figures) {
            List<String> row = new ArrayList<>(List.of(figure.label));
            for (String configuration : configurations) {
                row.add(series(figure, configuration)
                        .map(series -> series.text(figure.digits))
                        .orElse("-"));
            }
            for (String peer : peers()) {
                row.add(ratio(figure, peer)
                        .map(ratio -> String.format(Locale.ROOT, "%.2f", ratio))
                        .orElse("-"));
            }
            table.row(row);
        }
        return table.lines();
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
            peers().forEach(peer -> ratio(figure, peer).ifPresent(ratio -> line.put(OURS + "/" + peer, ratio)));
        }
    }
}
