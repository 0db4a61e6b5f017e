package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Alert rules are code: Prometheus reads them, they fire when they should and not when they should not, and whoever is woken finds a page. */
class AlertRulesTest {
    private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");
    private static final Path RUNBOOKS = Expressions.FOLDER.resolve("runbooks");
    /** On a sidecar's page. */
    private static final String SIDECARS = "sallyport_certificate_rotations_total";

    /** Those that the rules expect of the control plane. */
    static NavigableSet<String> metrics() throws IOException {
        return metrics("certificates.yaml");
    }

    static NavigableSet<String> metrics(String file) throws IOException {
        NavigableSet<String> names = Expressions.metrics(Expressions.ofAlerts(file));
        names.remove(SIDECARS);
        return names;
    }

    static List<String> files() {
        return Expressions.alertFiles();
    }

    private static List<String> alerts(String file) throws IOException {
        return ALERT.matcher(Files.readString(Expressions.ALERTS.resolve(file)))
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyAlertHasATestInWhichItFiresAndOneInWhichItDoesNot(String file) throws IOException {
        String tests = Files.readString(Expressions.ALERTS.resolve(file.replace(".yaml", ".test.yaml")));
        assertThat(alerts(file))
                .hasSizeGreaterThan(3)
                .doesNotHaveDuplicates()
                .allSatisfy(alert -> assertThat(tests)
                        .contains("alertname: " + alert + ", exp_alerts: []")
                        .contains("{labels: '{alertname=\"" + alert + "\"}', value: 1}"));
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyAlertNamesItsRunbookAndTheRunbookSaysWhatToDo(String file) throws IOException {
        String rules = Files.readString(Expressions.ALERTS.resolve(file));
        for (String alert : alerts(file)) {
            assertThat(rules).contains("runbook_url: https://sallyport.dev/runbooks/" + alert + "\n");
            assertThat(RUNBOOKS.resolve(alert + ".md")).content().startsWith("# " + alert + "\n");
            assertThat(Files.readAllLines(RUNBOOKS.resolve(alert + ".md")).stream()
                            .filter(line -> line.startsWith("## "))
                            .toList())
                    .as(alert)
                    .containsExactly(
                            "## What it means",
                            "## How bad it is",
                            "## How to see it",
                            "## How to mend it",
                            "## When it may be silenced");
        }
        assertThat(Pattern.compile("severity: (critical|warning)}")
                        .matcher(rules)
                        .results()
                        .count())
                .isEqualTo(alerts(file).size());
    }

    @Test
    void everyRunbookIsOfAnAlertAndItsLinksLeadSomewhere() throws IOException {
        List<String> pages = Expressions.names(RUNBOOKS, ".md");
        List<String> alerts = new java.util.ArrayList<>();
        for (String file : files()) {
            alerts.addAll(alerts(file));
        }
        assertThat(pages)
                .containsExactlyInAnyOrderElementsOf(
                        alerts.stream().map(alert -> alert + ".md").toList());
        Pattern link = Pattern.compile("]\\(([^)]+)\\)");
        for (String page : pages) {
            assertThat(link.matcher(Files.readString(RUNBOOKS.resolve(page)))
                            .results()
                            .map(found -> found.group(1)))
                    .as(page)
                    .allSatisfy(target -> assertThat(RUNBOOKS.resolve(target)).exists());
        }
    }

    static List<List<String>> promtool() {
        return files().stream()
                .flatMap(
                        file -> Stream.of(List.of("check", file), List.of("test", file.replace(".yaml", ".test.yaml"))))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("promtool")
    void prometheusReadsTheRulesAndTheyFireAsTheirTestsSay(List<String> arguments) throws Exception {
        Optional<Path> promtool = onPath();
        if (promtool.isEmpty()) {
            System.out.println(
                    "promtool " + String.join(" rules ", arguments) + ": left out, promtool is not on the PATH");
        }
        Assumptions.assumeTrue(promtool.isPresent(), "promtool is not on the PATH");
        Process process = new ProcessBuilder(
                        promtool.get().toString(), arguments.getFirst(), "rules", arguments.getLast())
                .directory(Expressions.ALERTS.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    private static Optional<Path> onPath() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(folder -> Path.of(folder, "promtool"))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
