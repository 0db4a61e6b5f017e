package dev.sallyport.benchmarks.report;

import dev.sallyport.document.InvalidDocumentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.knowm.xchart.internal.chartpart.Chart;

/**
 * The report: {@code report.md}, whose prose is written by hand, with each line that is <code>{{name: argument | argument}}</code> replaced by what it names; see {@link Directive}.
 *
 * @param benchmarks the folder of {@code report.md}, {@code budgets.yaml}, and of what is made: {@code README.md}, {@code plots}
 * @param results of the raw figures
 */
public record Readme(Path benchmarks, Path results) {
    private static final String MADE =
            "<!-- Made by ./sallyport bench report of report.md and the raw figures in results: change these, not this file. -->";

    /** Replaces the report and its plots. {@code progress} is told what becomes of them. */
    public void write(Consumer<String> progress) throws IOException {
        Map<String, Chart<?, ?>> plots = new LinkedHashMap<>();
        String text = text(plots);
        Path folder = Files.createDirectories(benchmarks.resolve("plots"));
        for (Map.Entry<String, Chart<?, ?>> plot : plots.entrySet()) {
            Charts.save(plot.getValue(), folder.resolve(plot.getKey()));
        }
        Files.writeString(benchmarks.resolve("README.md"), text);
        progress.accept(benchmarks.resolve("README.md") + " and " + plots.size() + " plots");
    }

    /** Of the report; its plots are added to {@code plots}, by the names of their files. Depends on nothing but template, budgets and figures. */
    String text(Map<String, Chart<?, ?>> plots) throws IOException {
        Path template = benchmarks.resolve("report.md");
        Directive directives = new Directive(Results.read(results), budgets(), plots);
        List<String> out = new ArrayList<>(List.of(MADE, ""));
        List<String> lines = Files.readAllLines(template);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!line.startsWith("{{")) {
                out.add(line);
                continue;
            }
            try {
                out.addAll(directives.expand(line));
            } catch (IllegalArgumentException e) {
                throw new IOException(template + ":" + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        return String.join("\n", out) + "\n";
    }

    private List<Budget> budgets() throws IOException {
        try {
            return Budgets.read(benchmarks.resolve("budgets.yaml"));
        } catch (InvalidDocumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
