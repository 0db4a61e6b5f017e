package dev.sallyport.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.knowm.xchart.internal.chartpart.Chart;

class ReadmeTest {
    private static final Path FIXTURE = Path.of("src/test/resources/report");

    @TempDir
    private Path folder;

    private final Map<String, Chart<?, ?>> plots = new LinkedHashMap<>();

    @Test
    void reportIsTheTemplateWithTablesAndPlotsOfTheRawFigures() throws IOException {
        String text = new Readme(FIXTURE, FIXTURE.resolve("results")).text(plots);
        assertThat(text).isEqualTo(Files.readString(FIXTURE.resolve("README.md")));
        assertThat(plots).containsOnlyKeys("latency-3000-s-cpu-pair.svg", "policy-cpu-by-rules.svg");
    }

    /** Whoever changes template, budgets or raw figures runs {@code ./sallyport bench report}. */
    @Test
    void committedReportIsWhatTemplateAndCommittedFiguresMake() throws IOException {
        Path benchmarks = Path.of("");
        Path results = Files.isDirectory(benchmarks.resolve("results")) ? benchmarks.resolve("results") : folder;
        assertThat(new Readme(benchmarks, results).text(plots))
                .isEqualTo(Files.readString(benchmarks.resolve("README.md")));
        for (String plot : plots.keySet()) {
            assertThat(benchmarks.resolve("plots").resolve(plot)).isRegularFile();
        }
    }

    @Test
    void plotOfWhatTheRunDoesNotHaveIsALineThatSaysSo() throws IOException {
        Files.writeString(folder.resolve("budgets.yaml"), Files.readString(FIXTURE.resolve("budgets.yaml")));
        Files.writeString(folder.resolve("report.md"), """
                {{bars: latency | 1000/s | CPU, pair, µs}}
                {{groups: latency | requests/s | 1 KB × 16}}
                {{percentiles: latency | 3000/s | nginx}}
                """);
        assertThat(new Readme(folder, FIXTURE.resolve("results")).text(plots).lines())
                .filteredOn(line -> line.startsWith("*This run has no configuration with"))
                .hasSize(3);
        assertThat(plots).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "{{tabel: latency | a}} # report.md:3: tabel (expected: goals, run, table",
                "{{table: latency}} # report.md:3: {{table: latency}} (expected: figures after a bar)",
                "{{table latency}} # report.md:3: {{table latency}} (expected: {{name: argument | argument}})"
            })
    void directiveThatIsNoneIsNamedWithItsLine(String directive, String message) throws IOException {
        Files.writeString(folder.resolve("budgets.yaml"), Files.readString(FIXTURE.resolve("budgets.yaml")));
        Files.writeString(folder.resolve("report.md"), "# Title\n\n" + directive + "\n");
        assertThatThrownBy(() -> new Readme(folder, FIXTURE.resolve("results")).text(plots))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @Test
    void missingFolderOfFiguresIsNamed() {
        assertThatThrownBy(() -> new Readme(FIXTURE, folder.resolve("nowhere")).text(plots))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nowhere: not found (expected: a folder of raw figures");
    }

    @Test
    void plotsAreWrittenAsSvg() throws IOException {
        Histogram latencies = new Histogram(3);
        for (int i = 1; i <= 1000; i++) {
            latencies.recordValue(i * 1000L);
        }
        Map<String, Histogram> series = new TreeMap<>(Map.of("sallyport", latencies));
        try {
            Charts.save(Charts.percentiles("Latency", series), folder.resolve("plot.svg"));
        } catch (IOException e) {
            Assumptions.abort(e.getMessage());
        }
        String svg = Files.readString(folder.resolve("plot.svg"));
        assertThat(svg.contains("<svg")).isTrue();
        assertThat(svg.contains("stroke:rgb(0,114,178)")).as("ours is blue").isTrue();
        assertThat(svg.contains("stroke:rgb(0,158,115)"))
                .as("nginx is not there")
                .isFalse();
    }

    @Test
    void figuresHaveAsManyDigitsAsAreKnown() {
        assertThat(Budget.number(24512.3)).isEqualTo("24,512");
        assertThat(Budget.number(99.54)).isEqualTo("99.5");
        assertThat(Budget.number(0.904)).isEqualTo("0.90");
    }
}
