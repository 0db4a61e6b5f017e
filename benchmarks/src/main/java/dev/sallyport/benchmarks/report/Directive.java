package dev.sallyport.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import org.knowm.xchart.internal.chartpart.Chart;

/**
 * What a line of the template stands for. All but the first name a command's raw figures first:
 *
 * <pre>
 * {{goals}}                                             goals, measured, met or missed
 * {{run: latency}}                                      command, versions, machine, noise
 * {{table: latency | 1000/s | p50, µs | p99, µs}}       a row a configuration
 * {{figures: handshake | known: CPU, µs/connection}}    the same of figures without a load
 * {{all: start}}                                        a row a figure, a column a configuration
 * {{headroom: throughput | requests/s}}                 how much more direct has than the fastest pair
 * {{percentiles: latency | 1000/s | direct | nginx}}    plot of those configurations
 * {{bars: latency | 3000/s | CPU, outbound, µs | …}}    plot, stacked figures
 * {{stack: memory | outbound resident, MB | …}}         the same of figures without a load
 * {{groups: throughput | requests/s | 1 KB × 16 | …}}   plot, one figure under several loads
 * {{curves: policy}}                                    a plot for each curve, or for those named
 * </pre>
 *
 * @param plots to which plots are added, by the names of their files
 */
record Directive(Results results, List<Budget> budgets, Map<String, Chart<?, ?>> plots) {
    private static final Pattern FORM = Pattern.compile("\\{\\{([a-z]+)(?:: (.+))?}}");

    private static final Set<String> WITHOUT_ARGUMENTS = Set.of("run", "all", "curves");

    /** @throws IllegalArgumentException when the line is none of them */
    List<String> expand(String line) {
        Matcher form = FORM.matcher(line.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException(line + " (expected: {{name: argument | argument}})");
        }
        if (form.group(1).equals("goals")) {
            return Markdown.goals(budgets, results);
        }
        List<String> words =
                List.of(Optional.ofNullable(form.group(2)).orElse("").split(" \\| "));
        Optional<RawFigures> raw = results.of(words.getFirst());
        List<String> arguments = words.subList(1, words.size());
        if (arguments.isEmpty() && !WITHOUT_ARGUMENTS.contains(form.group(1))) {
            throw new IllegalArgumentException(line + " (expected: figures after a bar)");
        }
        return switch (form.group(1)) {
            case "run" ->
                raw.map(found -> Provenance.lines(words.getFirst(), found)).orElseGet(() -> missing(words));
            case "table" ->
                raw.map(found -> Markdown.figures(
                                found, arguments.getFirst() + " ", arguments.subList(1, arguments.size())))
                        .orElseGet(() -> missing(words));
            case "figures" ->
                raw.map(found -> Markdown.figures(found, "", arguments)).orElseGet(() -> missing(words));
            case "all" -> raw.map(found -> Markdown.everything(found)).orElseGet(() -> missing(words));
            case "headroom" ->
                raw.map(found -> Markdown.headroom(found, arguments.getFirst())).orElseGet(() -> missing(words));
            case "percentiles" ->
                raw.map(found -> percentiles(words.getFirst(), found, arguments))
                        .orElseGet(() -> missing(words));
            case "bars" ->
                raw.map(found -> bars(words.getFirst(), found, arguments)).orElseGet(() -> missing(words));
            case "stack" ->
                raw.map(found -> stack(words.getFirst(), found, arguments)).orElseGet(() -> missing(words));
            case "groups" ->
                raw.map(found -> groups(words.getFirst(), found, arguments)).orElseGet(() -> missing(words));
            case "curves" ->
                raw.map(found -> curves(words.getFirst(), found, arguments)).orElseGet(() -> missing(words));
            default ->
                throw new IllegalArgumentException(
                        form.group(1)
                                + " (expected: goals, run, table, figures, all, headroom, percentiles, bars, stack, groups or curves)");
        };
    }

    private static List<String> missing(List<String> words) {
        return List.of("*No raw figures of `bench " + words.getFirst() + "` yet.*");
    }

    private static List<String> none(String what) {
        return List.of("*This run has no configuration with " + what + ": no plot.*");
    }

    private List<String> percentiles(String benchmark, RawFigures raw, List<String> arguments) {
        String load = arguments.getFirst();
        Map<String, Histogram> latencies = new LinkedHashMap<>();
        for (String name : arguments.subList(1, arguments.size())) {
            raw.latencies(name, load)
                    .filter(_ -> !raw.overloaded(load + " ", name))
                    .ifPresent(found -> latencies.put(name, found));
        }
        if (latencies.isEmpty()) {
            return none("latencies at " + load);
        }
        String title = "Latency of a request at " + load + ", all rounds";
        return plot(benchmark + " " + load + " percentiles", title, Charts.percentiles(title, latencies));
    }

    private List<String> bars(String benchmark, RawFigures raw, List<String> arguments) {
        String load = arguments.getFirst();
        return stacked(benchmark, raw, load + " ", ", " + load, arguments.subList(1, arguments.size()));
    }

    private List<String> stack(String benchmark, RawFigures raw, List<String> labels) {
        return stacked(benchmark, raw, "", "", labels);
    }

    private List<String> stacked(String benchmark, RawFigures raw, String prefix, String under, List<String> labels) {
        List<String> names =
                having(raw, labels.stream().map(label -> prefix + label).toList());
        if (names.isEmpty()) {
            return none(String.join(", ", labels) + under);
        }
        Map<String, List<Double>> parts = new LinkedHashMap<>();
        labels.forEach(label -> parts.put(withoutUnit(label), medians(raw, prefix + label, names)));
        String title = String.join(" + ", parts.keySet()) + under;
        return plot(
                benchmark + " " + prefix + withoutUnit(labels.getFirst()),
                title,
                Charts.bars(title, "median, " + unit(labels.getFirst()), names, parts, true));
    }

    private List<String> groups(String benchmark, RawFigures raw, List<String> arguments) {
        String label = arguments.getFirst();
        List<String> loads = arguments.subList(1, arguments.size());
        List<String> names =
                having(raw, loads.stream().map(load -> load + " " + label).toList());
        if (names.isEmpty()) {
            return none(label + " under " + String.join(", ", loads));
        }
        Map<String, List<Double>> parts = new LinkedHashMap<>();
        loads.forEach(load -> parts.put(load, medians(raw, load + " " + label, names)));
        String title = label + ", saturated, by body size × connections";
        return plot(
                benchmark + " " + loads.getFirst().split(" ×")[0],
                title,
                Charts.bars(title, "median, " + label, names, parts, false));
    }

    private List<String> curves(String benchmark, RawFigures raw, List<String> names) {
        List<String> lines = new ArrayList<>();
        for (RawFigures.Curve curve : raw.curves()) {
            if (!names.isEmpty() && !names.contains(curve.name())) {
                continue;
            }
            lines.addAll(plot(
                    benchmark + " " + curve.name(),
                    curve.name(),
                    Charts.growth(curve.name(), curve.x(), curve.y(), curve.logX(), curve.logY(), curve.series())));
            lines.add("");
        }
        return lines.isEmpty() ? missing(List.of(benchmark)) : lines;
    }

    private List<String> plot(String name, String title, Chart<?, ?> chart) {
        String file =
                name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("-$", "") + ".svg";
        plots.put(file, chart);
        return List.of("![" + title + "](plots/" + file + ")");
    }

    /** Configurations that have all of the figures. */
    private static List<String> having(RawFigures raw, List<String> figures) {
        return raw.configurations(figures.getFirst()).stream()
                .filter(name -> figures.stream()
                        .allMatch(figure -> raw.spread(figure, name).isPresent()))
                .toList();
    }

    private static List<Double> medians(RawFigures raw, String figure, List<String> names) {
        return names.stream()
                .map(name -> raw.spread(figure, name).orElseThrow().median())
                .toList();
    }

    /** {@code CPU, pair, µs}: its unit stands last. */
    private static String unit(String label) {
        return label.substring(label.lastIndexOf(", ") + 1).strip();
    }

    private static String withoutUnit(String label) {
        return label.contains(", ") ? label.substring(0, label.lastIndexOf(", ")) : label;
    }
}
