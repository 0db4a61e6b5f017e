package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus beside a real mesh: in health no alert fires, every query of every dashboard finds what it asks for, every metric of every alert is there, and when a sidecar
 * dies the alert that should fire does. From the archive, with its own copies of rules and dashboards.
 */
class ObservabilityTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final String SIDECAR = "sallyport-sidecar";
    private static final String CONTROL_PLANE = "sallyport-control-plane";
    private static final Pattern METRIC =
            Pattern.compile("\\b((?:sallyport|http_server|http_client|jvm|process)_[a-z_]+|up\\b)");

    /** Panels that are empty here, by the file and the title, and why. */
    private static final Map<String, String> EMPTY_PANELS = Map.of(
            "audit.json: Lag", "this mesh has no copies of the record",
            "audit.json: Lag in records", "this mesh has no copies of the record",
            "audit.json: Copied", "this mesh has no copies of the record",
            "audit.json: Failing, and gaps", "this mesh has no copies of the record",
            "sidecar.json: Turned away", "nobody sends more than back takes");
    /** Metrics of alerts that are not there here, and why. */
    private static final Map<String, String> ABSENT_METRICS = Map.of(
            "sallyport_audit_copy_failing", "this mesh has no copies of the record",
            "sallyport_audit_copy_gaps_total", "this mesh has no copies of the record",
            "sallyport_audit_copy_lag_seconds", "this mesh has no copies of the record",
            "sallyport_audit_copy_records_total", "this mesh has no copies of the record");

    @TempDir
    Path folder;

    @Test
    void dashboardsFindWhatTheyAskForAndAlertsFireWhenTheyShouldAndNotBefore() throws Exception {
        assumeThat(Prometheus.program())
                .as("dashboards and alerts are not tried: prometheus is not on the PATH")
                .isPresent();
        Path config = Files.writeString(folder.resolve("control-plane.yaml"), "outageMinimum: 6h\n");
        try (Mesh mesh = Mesh.start(folder, ObservabilityTest::documents, "--config", config.toString())) {
            mesh.application.createContext("/broken", exchange -> {
                exchange.sendResponseHeaders(500, -1);
                exchange.close();
            });
            mesh.createToken("front");
            mesh.createToken("back");
            Running back = mesh.startBack();
            Running front = mesh.startFront();
            back.ready();
            String upstream = "http://" + front.ready().at("/upstreams/back").asText();
            await().atMost(DEADLINE).until(() -> status("GET", upstream + "/things/1") == 200);
            try (Prometheus prometheus = Prometheus.start(folder, targets(mesh, front, back), impatientRules());
                    Traffic traffic = Traffic.of(front)) {
                await().atMost(DEADLINE).until(prometheus::ready);
                nothingFires(prometheus);
                assertThat(traffic.failures()).isEmpty();

                mischief(mesh, prometheus, upstream);
                everyPanelFindsData(prometheus);
                everyMetricOfAnAlertIsThere(prometheus);

                assertThat(traffic.finish()).isEmpty();
                back.stop();
                theRightAlertFires(prometheus);
            }
        }
    }

    /** Whether it is up for long enough to be believed: rules that look back see it all by then. */
    private static void nothingFires(Prometheus prometheus) {
        await().atMost(DEADLINE)
                .untilAsserted(
                        () -> assertThat(prometheus.query("sum(rate(http_server_request_duration_seconds_count[5s]))"))
                                .isNotEmpty());
        await().atMost(DEADLINE).untilAsserted(() -> {
            assertThat(prometheus.query("count_over_time(up[10s]) >= 8")).hasSize(3);
            assertThat(names(prometheus.query("count by (alertname) (count_over_time(ALERTS[3s]))"), "alertname"))
                    .isEmpty();
        });
    }

    /** One of each kind of request that somebody on call would look for. */
    private static void mischief(Mesh mesh, Prometheus prometheus, String upstream) throws Exception {
        String good = mesh.token("{\"sub\":\"alice\",\"roles\":[\"customer\"]}");
        String expired = mesh.token("{\"sub\":\"alice\",\"roles\":[\"customer\"],\"expiresIn\":-3600}");
        // Again and again, with a scrape in between: a rate needs a series that was there before.
        for (int round = 0; round < 3; round++) {
            assertThat(status("GET", upstream + "/nothing")).isEqualTo(403);
            assertThat(status("POST", upstream + "/things", "authorization", "Bearer " + good))
                    .isEqualTo(200);
            assertThat(status("POST", upstream + "/things", "authorization", "Bearer " + expired))
                    .isEqualTo(401);
            assertThat(status("POST", upstream + "/trials")).isEqualTo(403);
            assertThat(status("GET", upstream + "/observed")).isEqualTo(200);
            assertThat(status("GET", upstream + "/broken")).isEqualTo(500);
            mesh.command("status");
            scrapedAgain(prometheus);
        }
        mesh.command("certs", "rotate", "--all", "--wait");
    }

    private static void scrapedAgain(Prometheus prometheus) {
        double now = System.currentTimeMillis() / 1000.0;
        await().atMost(DEADLINE)
                .until(() ->
                        prometheus.query("min(timestamp(up))").at("/0/value/1").asDouble() > now);
    }

    private static void everyPanelFindsData(Prometheus prometheus) throws IOException {
        await().atMost(DEADLINE).untilAsserted(() -> {
            Map<String, String> empty = new TreeMap<>();
            for (Path file : files("dashboards", ".json")) {
                for (JsonNode panel : Mesh.json(Files.readString(file)).path("panels")) {
                    for (JsonNode target : panel.path("targets")) {
                        String expression = target.path("expr").asText();
                        if (prometheus.query(filledIn(expression)).isEmpty()) {
                            empty.put(
                                    file.getFileName() + ": "
                                            + panel.path("title").asText(),
                                    expression);
                        }
                    }
                }
            }
            assertThat(empty.keySet()).as(empty.toString()).isEqualTo(new TreeSet<>(EMPTY_PANELS.keySet()));
        });
    }

    /** As Grafana does, with "All" of each variable. */
    private static String filledIn(String expression) {
        return expression
                .replace("$__rate_interval", "30s")
                .replace("$__range", "1m")
                .replaceAll("\\$(job|service|instance)", ".*");
    }

    private static void everyMetricOfAnAlertIsThere(Prometheus prometheus) throws IOException {
        TreeSet<String> absent = new TreeSet<>();
        for (Path file : rules()) {
            for (String line : Files.readAllLines(file)) {
                if (line.strip().startsWith("expr: ")) {
                    METRIC.matcher(line)
                            .results()
                            .map(found -> found.group(1))
                            .filter(name ->
                                    prometheus.query("count(" + name + ")").isEmpty())
                            .forEach(absent::add);
                }
            }
        }
        assertThat(absent).isEqualTo(new TreeSet<>(ABSENT_METRICS.keySet()));
    }

    private static void theRightAlertFires(Prometheus prometheus) {
        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(names(
                                prometheus.query("ALERTS{alertname=\"SallyportSidecarDown\",alertstate=\"firing\"}"),
                                "service"))
                        .containsExactly("back"));
        assertThat(prometheus.query("ALERTS{alertname=\"SallyportControlPlaneDown\"}"))
                .isEmpty();
    }

    private static Set<String> names(JsonNode series, String label) {
        TreeSet<String> names = new TreeSet<>();
        series.forEach(one -> names.add(one.path("metric").path(label).asText()));
        return names;
    }

    private static Map<String, Map<String, String>> targets(Mesh mesh, Running front, Running back) {
        Map<String, Map<String, String>> targets = new LinkedHashMap<>();
        targets.put(mesh.controlPlane.text("monitoring"), Map.of("job", CONTROL_PLANE));
        targets.put(front.text("metrics"), Map.of("job", SIDECAR, "service", "front"));
        targets.put(back.text("metrics"), Map.of("job", SIDECAR, "service", "back"));
        return targets;
    }

    /** The rules of the archive, but for how long something must last before they fire: a second. */
    private List<Path> impatientRules() throws IOException {
        Path copies = Files.createDirectory(folder.resolve("rules"));
        for (Path file : rules()) {
            Files.writeString(
                    copies.resolve(file.getFileName()),
                    Files.readString(file).replaceAll("(?m)^( +)for: \\w+$", "$1for: 1s"));
        }
        try (Stream<Path> files = Files.list(copies)) {
            return files.sorted().toList();
        }
    }

    private static List<Path> rules() throws IOException {
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

    private static int status(String method, String uri, String... headers) {
        return Http.send(method, URI.create(uri).toString(), "", headers).status();
    }

    private static Map<String, String> documents(String issuer) {
        return Map.of("mesh.yaml", """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: small}
            spec:
              trustDomain: small.example
              issuers:
                shop: {issuer: "%s", audiences: [shop-api], algorithms: [ES256]}
              services:
                front: {identity: spiffe://small.example/sa/front, ports: {8080: http}}
                back: {identity: spiffe://small.example/sa/back, ports: {8080: http}}
            """.formatted(issuer), "back.yaml", """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: back}
            spec:
              service: back
              routes:
                read: {match: "GET /things/{id}", allow: {front: {from: [front], user: none}}}
                broken: {match: "GET /broken", allow: {front: {from: [front], user: none}}}
                write: {match: "POST /things", allow: {front: {from: [front], user: {issuer: shop, anyRole: [customer]}}}}
                trial: {match: "POST /trials", allow: {front: {mode: dryRun, from: [front], user: none}}}
                observed: {match: "GET /observed", mode: observe, until: 2099-12-31, allow: {back: {from: [back], user: none}}}
            """);
    }
}
