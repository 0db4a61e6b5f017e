package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.growth.Curve;
import dev.sallyport.benchmarks.growth.Growth;
import dev.sallyport.benchmarks.growth.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The curves of a run: medians over its rounds, and how each grows. */
final class GrowthFigures {
    private final List<GrowthRound> rounds;
    private final Map<Curve, Map<String, List<Point>>> curves = new LinkedHashMap<>();

    GrowthFigures(List<GrowthRound> rounds) {
        this.rounds = List.copyOf(rounds);
        Map<Curve, Map<String, TreeMap<Double, List<Double>>>> values = new LinkedHashMap<>();
        all(rounds)
                .sorted(Comparator.comparing(value -> value.curve().name()))
                .forEach(value -> values.computeIfAbsent(value.curve(), _ -> new TreeMap<>())
                        .computeIfAbsent(value.series(), _ -> new TreeMap<>())
                        .computeIfAbsent(value.x(), _ -> new ArrayList<>())
                        .add(value.y()));
        values.forEach((curve, series) -> series.forEach((name, points) -> {
            if (points.size() > 1) {
                curves.computeIfAbsent(curve, _ -> new TreeMap<>()).put(name, medians(points));
            }
        }));
    }

    private static Stream<GrowthRound.Value> all(List<GrowthRound> rounds) {
        return rounds.stream().flatMap(round -> round.values().stream());
    }

    private static List<Point> medians(TreeMap<Double, List<Double>> values) {
        List<Point> points = new ArrayList<>();
        values.forEach((x, ys) -> {
            Series series = Series.of(ys);
            points.add(new Point(x, series.median(), series.least(), series.greatest()));
        });
        return points;
    }

    /** {@code CURVE, CONFIGURATION} of those that grow worse than in proportion. */
    List<String> worse() {
        List<String> worse = new ArrayList<>();
        curves.forEach((curve, series) -> series.forEach((name, points) -> {
            if (Growth.of(points) == Growth.WORSE) {
                worse.add(curve.name() + ", " + name);
            }
        }));
        return worse;
    }

    /** A line for each curve of each configuration. */
    List<String> lines() {
        Table table = new Table();
        table.row(List.of("cost", "configuration", "unit", "at each size", "last / first", "growth"));
        curves.forEach((curve, series) -> series.forEach((name, points) -> table.row(List.of(
                curve.name(),
                name,
                curve.y(),
                String.join("  ", points.stream().map(GrowthFigures::text).toList()),
                String.format(Locale.ROOT, "%.2f", Growth.ratio(points)),
                verdict(curve, points)))));
        return table.lines();
    }

    private static String text(Point point) {
        return String.format(
                Locale.ROOT, point.median() < 100 ? "%.0f: %.1f" : "%.0f: %.0f", point.x(), point.median());
    }

    private static String verdict(Curve curve, List<Point> points) {
        Growth growth = Growth.of(points);
        return growth.compareTo(curve.expected()) > 0 && growth != Growth.WORSE
                ? growth + ", expected " + curve.expected()
                : growth.toString();
    }

    void describe(ObjectNode json) {
        ObjectNode all = json.putObject("curves");
        ObjectNode summary = json.putObject("summary");
        curves.forEach((curve, series) -> {
            ObjectNode described = all.putObject(curve.name())
                    .put("x", curve.x())
                    .put("y", curve.y())
                    .put("logX", curve.logX())
                    .put("logY", curve.logY());
            ObjectNode growth = described.putObject("growth");
            ObjectNode values = described.putObject("series");
            ObjectNode ratios = summary.putObject(curve.name() + ", last / first");
            series.forEach((name, points) -> {
                growth.put(name, verdict(curve, points));
                ArrayNode array = values.putArray(name);
                points.forEach(point -> array.addArray()
                        .add(point.x())
                        .add(point.median())
                        .add(point.least())
                        .add(point.greatest()));
                ratios(curve, name, points)
                        .ifPresent(ratio -> ratios.putObject(name)
                                .put("median", ratio.median())
                                .put("least", ratio.least())
                                .put("greatest", ratio.greatest()));
            });
        });
    }

    /** Of the last size to the first one in the same round: what disturbs a round disturbs both. */
    private Optional<Series> ratios(Curve curve, String name, List<Point> points) {
        List<Double> ratios = new ArrayList<>();
        for (GrowthRound round : rounds) {
            Map<Double, Double> values = new TreeMap<>();
            round.values().stream()
                    .filter(value ->
                            value.curve().equals(curve) && value.series().equals(name))
                    .forEach(value -> values.put(value.x(), value.y()));
            Double first = values.get(points.getFirst().x());
            Double last = values.get(points.getLast().x());
            if (first != null && last != null && first > 0) {
                ratios.add(last / first);
            }
        }
        return ratios.isEmpty() ? Optional.empty() : Optional.of(Series.of(ratios));
    }
}
