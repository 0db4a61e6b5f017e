package dev.sallyport.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The questions to Prometheus that {@code deploy/observability} holds: in alert rules and on dashboards. */
final class Expressions {
    static final Path FOLDER = Path.of("../../deploy/observability");
    static final Path ALERTS = FOLDER.resolve("alerts");
    static final Path DASHBOARDS = FOLDER.resolve("dashboards");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern METRIC = Pattern.compile("\\b(sallyport|http_server|http_client|jvm|process)_[a-z_]+");

    private Expressions() {}

    /** Of one file of alerts. */
    static List<String> ofAlerts(String file) throws IOException {
        return Files.readAllLines(ALERTS.resolve(file)).stream()
                .map(String::strip)
                .filter(line -> line.startsWith("expr: "))
                .map(line -> line.substring("expr: ".length()))
                .toList();
    }

    static JsonNode dashboard(String file) throws IOException {
        return JSON.readTree(DASHBOARDS.resolve(file).toFile());
    }

    static List<String> ofDashboard(String file) throws IOException {
        List<String> found = new ArrayList<>();
        for (JsonNode panel : dashboard(file).path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                found.add(target.path("expr").asText());
            }
        }
        return found;
    }

    static NavigableSet<String> metrics(List<String> expressions) {
        NavigableSet<String> names = new TreeSet<>();
        for (String expression : expressions) {
            METRIC.matcher(expression).results().map(MatchResult::group).forEach(names::add);
        }
        return names;
    }

    /** The names of the files of alerts, without those of their tests. */
    static List<String> alertFiles() {
        return names(ALERTS, ".yaml").stream()
                .filter(name -> !name.endsWith(".test.yaml"))
                .toList();
    }

    static List<String> dashboardFiles() {
        return names(DASHBOARDS, ".json");
    }

    static List<String> names(Path folder, String end) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(end))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
