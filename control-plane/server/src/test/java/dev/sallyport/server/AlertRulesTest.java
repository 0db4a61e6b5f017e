package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Alert rules are code: Prometheus reads them, they fire when they should and not when they should not, and they name no metric that nobody has. */
class AlertRulesTest {
    private static final Path ALERTS = Path.of("../../deploy/observability/alerts");
    private static final Pattern METRIC = Pattern.compile("sallyport_[a-z_]+");
    /** On a sidecar's page. */
    private static final String SIDECARS = "sallyport_certificate_rotations_total";

    /** Those that the rules expect of the control plane. */
    static SortedSet<String> metrics() throws IOException {
        return metrics("certificates.yaml");
    }

    static SortedSet<String> metrics(String file) throws IOException {
        return Files.readAllLines(ALERTS.resolve(file)).stream()
                .filter(line -> line.strip().startsWith("expr:"))
                .flatMap(line -> METRIC.matcher(line).results().map(MatchResult::group))
                .filter(name -> !name.equals(SIDECARS))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"certificates", "audit"})
    void everyAlertIsTested(String name) throws IOException {
        Pattern alert = Pattern.compile("- alert: (\\w+)");
        String rules = Files.readString(ALERTS.resolve(name + ".yaml"));
        String tests = Files.readString(ALERTS.resolve(name + ".test.yaml"));
        assertThat(alert.matcher(rules).results().map(found -> found.group(1)).toList())
                .hasSizeGreaterThan(5)
                .allSatisfy(found -> assertThat(tests).contains("alertname: " + found + ", exp_alerts: []"));
    }

    @ParameterizedTest
    @CsvSource({"check, certificates.yaml", "test, certificates.test.yaml", "check, audit.yaml", "test, audit.test.yaml"
    })
    void prometheusReadsTheRulesAndTheyFireAsTheirTestsSay(String what, String file) throws Exception {
        Optional<Path> promtool = promtool();
        if (promtool.isEmpty()) {
            System.out.println("promtool " + what + " rules: left out, promtool is not on the PATH");
        }
        Assumptions.assumeTrue(promtool.isPresent(), "promtool is not on the PATH");
        Process process = new ProcessBuilder(promtool.get().toString(), what, "rules", file)
                .directory(ALERTS.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    private static Optional<Path> promtool() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(folder -> Path.of(folder, "promtool"))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
