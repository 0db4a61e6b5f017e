package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dashboards are read by people at night, and made by hand: each panel says what it shows, in which unit, and asks for what somebody exports. */
class DashboardsTest {
    private static final Path ROOT = Path.of("../..");
    private static final Pattern LITERAL =
            Pattern.compile("\"((?:sallyport|http_server|http_client|jvm|process)_[a-z_]+)\"");
    /** What the format, Micrometer, or a histogram adds to a name. */
    private static final Pattern ADDED = Pattern.compile("(_seconds)?(_total|_info|_bucket|_count|_sum)?$");

    static List<String> files() {
        return Expressions.dashboardFiles();
    }

    @Test
    void thereIsADashboardForEachSubject() {
        assertThat(files())
                .containsExactly(
                        "audit.json", "certificates.json", "control-plane.json", "policy.json", "sidecar.json");
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyPanelSaysWhatItShowsAndInWhichUnit(String file) throws IOException {
        JsonNode dashboard = Expressions.dashboard(file);
        assertThat(dashboard.path("uid").asText()).isEqualTo("sallyport-" + file.replace(".json", ""));
        assertThat(dashboard.path("schemaVersion").asInt()).isGreaterThanOrEqualTo(38); // Grafana 10
        assertThat(dashboard.at("/templating/list/0/type").asText()).isEqualTo("datasource");
        Set<Integer> ids = new HashSet<>();
        for (JsonNode panel : dashboard.path("panels")) {
            String title = panel.path("title").asText();
            assertThat(ids.add(panel.path("id").asInt())).as(title).isTrue();
            if (!panel.path("type").asText().equals("row")) {
                assertThat(panel.path("description").asText()).as(title).isNotEmpty();
                assertThat(panel.at("/fieldConfig/defaults/unit").asText())
                        .as(title)
                        .isNotEmpty();
                assertThat(panel.at("/datasource/uid").asText()).as(title).isEqualTo("${datasource}");
                assertThat(panel.path("targets")).as(title).isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void panelsDoNotLieUponEachOther(String file) throws IOException {
        Set<List<Integer>> taken = new HashSet<>();
        for (JsonNode panel : Expressions.dashboard(file).path("panels")) {
            JsonNode at = panel.path("gridPos");
            for (int x = 0; x < at.path("w").asInt(); x++) {
                for (int y = 0; y < at.path("h").asInt(); y++) {
                    List<Integer> cell =
                            List.of(at.path("x").asInt() + x, at.path("y").asInt() + y);
                    assertThat(taken.add(cell)).as(panel.path("title").asText()).isTrue();
                    assertThat(cell.getFirst()).isLessThan(24);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyLinkOfAPanelLeadsToARunbook(String file) throws IOException {
        for (JsonNode panel : Expressions.dashboard(file).path("panels")) {
            for (JsonNode link : panel.path("links")) {
                String alert = link.path("url").asText().replace("https://sallyport.dev/runbooks/", "");
                assertThat(Expressions.FOLDER.resolve("runbooks").resolve(alert + ".md"))
                        .exists();
            }
        }
    }

    @Test
    void everyMetricThatIsAskedForIsInTheSourcesOfAProcess() throws IOException {
        List<String> asked = new ArrayList<>();
        for (String file : files()) {
            asked.addAll(Expressions.ofDashboard(file));
        }
        for (String file : Expressions.alertFiles()) {
            asked.addAll(Expressions.ofAlerts(file));
        }
        Set<String> exported = exported();
        NavigableSet<String> unknown = Expressions.metrics(asked);
        assertThat(unknown).hasSizeGreaterThan(60);
        unknown.removeIf(name -> exported.contains(name)
                || exported.contains(ADDED.matcher(name).replaceFirst(""))
                || exported.contains(name.replaceFirst("(_total|_info|_bucket|_count|_sum)$", ""))
                || exported.stream().anyMatch(whole -> whole.endsWith("_") && name.startsWith(whole)));
        assertThat(unknown).isEmpty();
    }

    private static Set<String> exported() throws IOException {
        Set<String> names = new HashSet<>();
        for (String sources : List.of("proxy/src/main", "control-plane/server/src/main")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(sources))) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    Matcher literal = LITERAL.matcher(Files.readString(file));
                    while (literal.find()) {
                        names.add(literal.group(1));
                    }
                }
            }
        }
        return names;
    }
}
