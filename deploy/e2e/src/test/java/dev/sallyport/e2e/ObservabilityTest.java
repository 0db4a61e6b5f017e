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
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus beside a real mesh: in health no alert fires, every query of every dashboard finds what it asks for, every series and label of every alert is there, and when a
 * sidecar dies the alert that should fire does. From the archive, with its own copies of rules and dashboards.
 */
class ObservabilityTest {
    private static final Duration DEADLINE = Duration.ofMinutes(1);
    private static final String SIDECAR = "sallyport-sidecar";
    private static final String CONTROL_PLANE = "sallyport-control-plane";
    /** What back takes at once, on each event loop: more than the traffic, less than a rush. */
    private static final int REQUESTS_PER_LOOP = 32;

    private static final int RUSH_MAX = 1000;

    /** Series that a healthy mesh need not have, and why; every other one it has. */
    private static final Map<String, String> ABSENT_SERIES = Map.of(
            "sallyport_authz_decisions_total{mode=\"enforce\",reason=\"policy_unavailable\"}",
            "a snapshot counts for a day",
            "sallyport_certificates_total{outcome=\"unavailable\"}",
            "the authority is there",
            "sallyport_certificate_expiration_timestamp_seconds{kind=\"intermediate-next\"}",
            "it is made when the intermediate ends",
            "sallyport_control_plane_requests_total{code=~\"5..\"}",
            "the control plane does not fail");

    @TempDir
    Path folder;

    @Test
    void dashboardsFindWhatTheyAskForAndAlertsFireWhenTheyShouldAndNotBefore() throws Exception {
        assumeThat(Prometheus.program())
                .as("dashboards and alerts are not tried: prometheus is not on the PATH")
                .isPresent();
        String copies = "audit: {copies: {desk: {kind: lines, folder: \"" + folder.resolve("copies") + "\"}}}\n";
        Path config = Files.writeString(folder.resolve("control-plane.yaml"), "outageMinimum: 6h\n" + copies);
        try (Mesh mesh = Mesh.start(folder, ObservabilityTest::documents, "--config", config.toString())) {
            mesh.application.createContext("/broken", exchange -> {
                exchange.sendResponseHeaders(500, -1);
                exchange.close();
            });
            mesh.createToken("front");
            mesh.createToken("back");
            Running back = startBack(mesh);
            Running front = mesh.startSidecar(
                    "front",
                    "--application",
                    "127.0.0.1:9",
                    "--upstream",
                    "back=127.0.0.1:0",
                    "--upstream",
                    "gone=127.0.0.1:0");
            back.ready();
            String upstream = "http://" + front.ready().at("/upstreams/back").asText();
            await().atMost(DEADLINE).until(() -> status("GET", upstream + "/things/1") == 200);
            try (Prometheus prometheus = Prometheus.start(folder, targets(mesh, front, back), impatientRules());
                    Traffic traffic = Traffic.of(front)) {
                await().atMost(DEADLINE).until(prometheus::ready);
                nothingFires(prometheus);
                assertThat(traffic.failures()).isEmpty();

                mischief(
                        mesh,
                        prometheus,
                        upstream,
                        "http://" + front.ready().at("/upstreams/gone").asText());
                assertThat(traffic.finish()).isEmpty();
                rush(mesh, upstream);
                everyPanelFindsData(prometheus);
                everySeriesIsThere(prometheus);
                everyLabelIsThere(prometheus);

                back.stop();
                theRightAlertFires(prometheus);
            }
        }
    }

    private Running startBack(Mesh mesh) throws IOException {
        Path limits = Files.writeString(
                folder.resolve("back.yaml"), "limits: {requestsPerLoop: " + REQUESTS_PER_LOOP + "}\n");
        return mesh.startSidecar(
                "back",
                "--application",
                "127.0.0.1:" + mesh.application.getAddress().getPort(),
                "--config",
                limits.toString());
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
    private static void mischief(Mesh mesh, Prometheus prometheus, String upstream, String gone) throws Exception {
        String good = mesh.token("{\"sub\":\"alice\",\"roles\":[\"customer\"]}");
        String expired = mesh.token("{\"sub\":\"alice\",\"roles\":[\"customer\"],\"expiresIn\":-3600}");
        // Again and again, with a scrape in between: a rate needs a series that was there before.
        for (int round = 0; round < 3; round++) {
            assertThat(status("GET", upstream + "/nothing")).isEqualTo(403);
            assertThat(status("POST", upstream + "/things", "authorization", "Bearer " + good))
                    .isEqualTo(200);
            assertThat(status("POST", upstream + "/things", "authorization", "Bearer " + expired))
                    .isEqualTo(401);
            assertThat(status("POST", upstream + "/things", "authorization", "Bearer " + forged(good)))
                    .isEqualTo(401);
            assertThat(status("POST", upstream + "/trials")).isEqualTo(403);
            assertThat(status("GET", upstream + "/observed")).isEqualTo(200);
            assertThat(status("GET", upstream + "/broken")).isEqualTo(500);
            assertThat(status("GET", gone + "/things/1")).isEqualTo(503);
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

    /** With one letter of its signature another. */
    private static String forged(String token) {
        int at = token.lastIndexOf('.') + 9;
        return token.substring(0, at) + (token.charAt(at) == 'A' ? 'B' : 'A') + token.substring(at + 1);
    }

    /** Requests that the application does not answer, until back takes no more of them. */
    private static void rush(Mesh mesh, String upstream) throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        mesh.application.createContext("/held", exchange -> {
            try {
                held.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        AtomicInteger turnedAway = new AtomicInteger();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int sent = 0; turnedAway.get() == 0 && sent < RUSH_MAX; sent += REQUESTS_PER_LOOP) {
                for (int i = 0; i < REQUESTS_PER_LOOP; i++) {
                    clients.execute(() -> {
                        if (status("GET", upstream + "/held") == 503) {
                            turnedAway.incrementAndGet();
                        }
                    });
                }
            }
            try {
                await().atMost(DEADLINE).until(() -> turnedAway.get() > 0);
            } finally {
                held.countDown();
            }
        }
    }

    private static void everyPanelFindsData(Prometheus prometheus) throws IOException {
        List<Question> panels = Question.ofPanels();
        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(panels)
                        .filteredOn(
                                panel -> prometheus.query(panel.expression()).isEmpty())
                        .isEmpty());
    }

    /** Also behind {@code or vector(0)}, and below an alert's threshold. */
    private static void everySeriesIsThere(Prometheus prometheus) throws IOException {
        Set<String> absent = new TreeSet<>();
        for (Question question : questions()) {
            for (String selector : question.selectors()) {
                if (prometheus.query("count(" + selector + ")").isEmpty()) {
                    absent.add(selector);
                }
            }
        }
        assertThat(ABSENT_SERIES.keySet()).containsAll(absent);
    }

    /** By which somebody groups, or that a legend or a message shows. */
    private static void everyLabelIsThere(Prometheus prometheus) throws IOException {
        Set<String> absent = new TreeSet<>();
        for (Question question : questions()) {
            for (String label : question.labels()) {
                if (prometheus.query("count(" + question.having(label) + ")").isEmpty()) {
                    absent.add(question.where() + ": " + label);
                }
            }
        }
        assertThat(absent).isEmpty();
    }

    private static List<Question> questions() throws IOException {
        return Stream.concat(Question.ofPanels().stream(), Question.ofAlerts().stream())
                .toList();
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
        for (Path file : Question.rules()) {
            Files.writeString(
                    copies.resolve(file.getFileName()),
                    Files.readString(file).replaceAll("(?m)^( +)for: \\w+$", "$1for: 1s"));
        }
        try (Stream<Path> files = Files.list(copies)) {
            return files.sorted().toList();
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
                gone: {identity: spiffe://small.example/sa/gone, ports: {8080: http}}
            """.formatted(issuer), "back.yaml", """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: back}
            spec:
              service: back
              routes:
                read: {match: "GET /things/{id}", allow: {front: {from: [front], user: none}}}
                held: {match: "GET /held", allow: {front: {from: [front], user: none}}}
                broken: {match: "GET /broken", allow: {front: {from: [front], user: none}}}
                write: {match: "POST /things", allow: {front: {from: [front], user: {issuer: shop, anyRole: [customer]}}}}
                trial: {match: "POST /trials", allow: {front: {mode: dryRun, from: [front], user: none}}}
                observed: {match: "GET /observed", mode: observe, until: 2099-12-31, allow: {back: {from: [back], user: none}}}
            """);
    }
}
