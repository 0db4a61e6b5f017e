package dev.sallyport.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the archive's dashboards and alerts ask Prometheus. {@code where}: the file, and the panel or alert. {@code labels}: those that it groups by, or that a legend or a message shows. */
record Question(String where, String expression, Set<String> labels) {
    private static final Pattern SELECTOR =
            Pattern.compile("\\b((?:sallyport|http_server|http_client|jvm|process)_[a-z_]+|up\\b)(\\{[^{}]*})?");
    private static final Pattern GROUPED = Pattern.compile("\\bby \\(([^)]*)\\)");
    private static final Pattern IN_LEGEND = Pattern.compile("\\{\\{(\\w+)}}");
    private static final Pattern IN_MESSAGE = Pattern.compile("\\$labels\\.(\\w+)");
    private static final Pattern EXPRESSION = Pattern.compile("(?m)^ *expr: (.+)$");

    /** With "All" of each variable, as Grafana fills them in. */
    static List<Question> ofPanels() throws IOException {
        List<Question> all = new ArrayList<>();
        for (Path file : files("dashboards", ".json")) {
            for (JsonNode panel : Mesh.json(Files.readString(file)).path("panels")) {
                for (JsonNode target : panel.path("targets")) {
                    all.add(of(
                            file.getFileName() + ": " + panel.path("title").asText(),
                            target.path("expr")
                                    .asText()
                                    .replace("$__rate_interval", "30s")
                                    .replace("$__range", "1m")
                                    .replaceAll("\\$(job|service|instance)", ".*"),
                            IN_LEGEND,
                            target.path("legendFormat").asText()));
                }
            }
        }
        return all;
    }

    static List<Question> ofAlerts() throws IOException {
        List<Question> all = new ArrayList<>();
        for (Path file : rules()) {
            String[] alerts = Files.readString(file).split("- alert: ", -1);
            for (String alert : Arrays.copyOfRange(alerts, 1, alerts.length)) {
                String expression = EXPRESSION
                        .matcher(alert)
                        .results()
                        .findFirst()
                        .orElseThrow()
                        .group(1);
                all.add(of(
                        file.getFileName() + ": " + alert.lines().findFirst().orElseThrow(),
                        expression,
                        IN_MESSAGE,
                        alert));
            }
        }
        return all;
    }

    private static Question of(String where, String expression, Pattern shown, String text) {
        Set<String> labels = new TreeSet<>();
        GROUPED.matcher(expression)
                .results()
                .forEach(found -> labels.addAll(List.of(found.group(1).split(", *"))));
        shown.matcher(text).results().forEach(found -> labels.add(found.group(1)));
        return new Question(where, expression, labels);
    }

    /** The series that it begins with: names and what their labels must be. */
    Set<String> selectors() {
        return SELECTOR.matcher(expression)
                .results()
                .map(found -> found.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Any of its series that have a label. */
    String having(String label) {
        String names = SELECTOR.matcher(expression)
                .results()
                .map(found -> found.group(1))
                .distinct()
                .collect(Collectors.joining("|"));
        return "{__name__=~\"" + names + "\"," + label + "!=\"\"}";
    }

    /** The archive's files of alerts, without those of their tests. */
    static List<Path> rules() throws IOException {
        return files("alerts", ".yaml").stream()
                .filter(file -> !file.toString().endsWith(".test.yaml"))
                .toList();
    }

    private static List<Path> files(String part, String end) throws IOException {
        try (Stream<Path> files =
                Files.list(Archive.home().resolve("observability").resolve(part))) {
            return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
        }
    }
}
