package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.document.HostPort;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The outage budget of a real control plane: in status and metrics, of those that run and of nobody else. */
class OutageStatusTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final HostPort ADDRESS = new HostPort("10.0.0.9", 15006);

    @TempDir
    static Path folder;

    private static TestMesh mesh;

    @BeforeAll
    static void start() throws Exception {
        mesh = TestMesh.withFolder(folder);
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    @AfterEach
    void resetClock() {
        mesh.clock.reset();
    }

    private static JsonNode budget() throws Exception {
        return mesh.get("/v1/status").path("outageBudget");
    }

    private static String metrics() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI page = URI.create("http://" + mesh.controlPlane.monitoring() + "/metrics");
            return client.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    /** In one test, as one mesh's life: nobody, one that only enrolled, one that runs, its renewal, its end. */
    @Test
    void budgetFollowsTheNewestCertificatesOfRunningSidecars() throws Exception {
        assertThat(budget().path("authority").asText()).isEqualTo("embedded");
        assertThat(budget().path("plannedSeconds").asLong()).isEqualTo(6 * 3600);
        assertThat(budget().path("minimumSeconds").asLong()).isEqualTo(6 * 3600);
        assertThat(budget().path("workloads").asInt()).isZero();
        assertThat(metrics()).doesNotContain("sallyport_outage_budget_first_failure_seconds{");

        TestSidecar gone = mesh.enrolled("front"); // never opens a stream: nobody waits for it
        TestSidecar back = mesh.enrolled("back");
        try (TestSidecar.Stream stream = back.open(ADDRESS)) {
            stream.snapshot();
            awaitEnd(back.svid().notAfter());
            JsonNode budget = budget();
            assertThat(budget.path("workloads").asInt()).isEqualTo(1);
            JsonNode outage = budget.path("outages").get(0);
            assertThat(outage.path("lost").asText()).isEqualTo("control-plane");
            assertThat(outage.at("/first/instance").asText())
                    .isEqualTo(back.instance)
                    .isNotEqualTo(gone.instance);
            assertThat(metrics())
                    .containsPattern(
                            "sallyport_outage_budget_first_failure_seconds\\{kind=\"embedded\",lost=\"control-plane\"\\} 8\\d{4}\\.")
                    .contains("sallyport_outage_budget_half_failure_seconds{kind=\"embedded\",lost=\"control-plane\"}")
                    .contains("sallyport_outage_budget_planned_seconds 21600.0")
                    .contains("sallyport_renewals_late 0.0")
                    .contains("sallyport_outage_budget_minimum_seconds 21600.0")
                    .contains(
                            "sallyport_certificate_expiration_timestamp_seconds{kind=\"root\",spiffe_id=\"spiffe://small.example\"}");

            assertThat(AlertRulesTest.metrics())
                    .isNotEmpty()
                    .allSatisfy(name -> assertThat(metrics()).contains("# HELP " + name + " "));

            mesh.clock.move(Duration.ofHours(22));
            assertThat(budget().path("lateRenewals").asInt()).isEqualTo(1);
            assertThat(metrics()).contains("sallyport_renewals_late 1.0");
            mesh.clock.reset();
            assertThat(budget().path("lateRenewals").asInt()).isZero();
            await().atMost(DEADLINE).until(() -> {
                Instant old = back.svid().notAfter();
                back.renew();
                return back.svid().notAfter().isAfter(old); // certificates count whole seconds
            });
        }
        // Another address is another state, and a newer snapshot.
        try (TestSidecar.Stream moved = back.open(new HostPort("10.0.0.10", 15006))) {
            moved.snapshot();
            awaitEnd(back.svid().notAfter());
            assertThat(budget().at("/outages/0/first/lacks").asText()).isEqualTo("certificate");
        }
    }

    private static void awaitEnd(Instant end) {
        await().atMost(DEADLINE)
                .untilAsserted(() ->
                        assertThat(budget().at("/outages/0/first/at").asText()).isEqualTo(end.toString()));
    }
}
