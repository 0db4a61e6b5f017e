package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.CertificateSigningRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An outage that is only played hurts nobody and ends; what drills report is kept. */
class DrillsApiTest {
    private static final String OUTAGE = "/v1/drills/outage";
    private static final String REPORT =
            "{\"kind\":\"rotation\",\"startedAt\":\"2027-03-31T12:00:00Z\",\"endedAt\":\"2027-03-31T12:01:00Z\","
                    + "\"requests\":3000,\"failed\":1,\"p50Micros\":900,\"p99Micros\":4100,\"passed\":false,\"detail\":\"rotated 5 in 2 s\\nfirst failure: 503\"}";

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
    void endDrillAndResetClock() throws Exception {
        mesh.clock.reset();
        assertThat(mesh.api("DELETE", OUTAGE, "").statusCode()).isEqualTo(204);
    }

    private static HttpResponse<String> drill(int seconds) throws Exception {
        return mesh.api("POST", OUTAGE, "{\"seconds\":" + seconds + "}");
    }

    private static boolean underWay() throws Exception {
        return mesh.get("/v1/status").has("drillSecondsLeft");
    }

    @Test
    void duringAnOutageDrillNobodyGetsACertificateAndAfterItTheSameRequestSucceeds() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        TestSidecar newcomer = mesh.sidecar("front");
        var next = CertificateSigningRequest.newKeyPair();

        assertThat(drill(60).statusCode()).isEqualTo(200);
        assertThat(mesh.get("/v1/status").path("drillSecondsLeft").asLong()).isBetween(50L, 60L);
        HttpResponse<byte[]> refused = back.tryRenew(next);
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("retry-after")).contains("5");
        assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("drill of administrator");
        assertThat(newcomer.tryEnrol(newcomer.join.token(), newcomer.keys).statusCode())
                .isEqualTo(503);

        mesh.api("DELETE", OUTAGE, "");
        assertThat(underWay()).isFalse();
        assertThat(back.tryRenew(next).statusCode()).isEqualTo(200);
        newcomer.enrol();
    }

    @Test
    void itEndsByItself() throws Exception {
        assertThat(drill(1).statusCode()).isEqualTo(200);
        assertThat(underWay()).isTrue();
        await().atMost(Duration.ofSeconds(10)).until(() -> !underWay());
    }

    @Test
    void oneAtATimeAndWithinBounds() throws Exception {
        assertThat(drill(601).statusCode()).isEqualTo(400);
        assertThat(drill(0).statusCode()).isEqualTo(400);
        assertThat(underWay()).isFalse();
        assertThat(drill(30).statusCode()).isEqualTo(200);
        HttpResponse<String> second = drill(600);
        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(second.body()).contains("under way");
        assertThat(mesh.get("/v1/status").path("drillSecondsLeft").asLong()).isLessThanOrEqualTo(30);
    }

    @Test
    void aDrillThatSomebodyWouldNotOutliveIsRefused() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        try (TestSidecar.Stream stream = back.open(new HostPort("10.0.0.9", 15006))) {
            stream.snapshot();
            mesh.clock.move(Duration.between(mesh.clock.instant(), back.svid().notAfter())
                    .minusSeconds(100));
            HttpResponse<String> refused = drill(60);
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(refused.body()).contains("sa/back", "expected: at least 120 s");
            assertThat(underWay()).isFalse();
            assertThat(drill(40).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aDrillDoesNotOutliveTheProcess(@TempDir Path other) throws Exception {
        try (TestMesh restarted = TestMesh.withFolder(other)) {
            restarted.api("POST", OUTAGE, "{\"seconds\":600}");
            restarted.api("POST", "/v1/drills", REPORT);
            restarted.restart();
            assertThat(restarted.get("/v1/status").has("drillSecondsLeft")).isFalse();
            assertThat(restarted.get("/v1/drills").path("drills")).hasSize(1);
        }
    }

    @Test
    void reportsAreKeptUnderTheNameOfWhoeverShowedTheCertificate() throws Exception {
        int before = mesh.get("/v1/drills").path("drills").size();
        assertThat(mesh.api("POST", "/v1/drills", REPORT).statusCode()).isEqualTo(200);
        JsonNode drills = mesh.get("/v1/drills").path("drills");
        assertThat(drills).hasSize(before + 1);
        JsonNode drill = drills.get(0);
        assertThat(drill.path("by").asText()).isEqualTo("administrator");
        assertThat(drill.path("kind").asText()).isEqualTo("rotation");
        assertThat(drill.path("failed").asLong()).isEqualTo(1);
        assertThat(drill.path("p99Micros").asLong()).isEqualTo(4100);
        assertThat(drill.path("passed").asBoolean()).isFalse();
        assertThat(drill.path("detail").asText()).contains("\nfirst failure: 503");
    }

    @Test
    void reportsThatAreNoneAreRefused() throws Exception {
        int before = mesh.get("/v1/drills").path("drills").size();
        HttpResponse<String> kind = mesh.api("POST", "/v1/drills", REPORT.replace("rotation\"", "party\""));
        assertThat(kind.statusCode()).isEqualTo(400);
        assertThat(kind.body()).contains("party", "rotation | authority-outage | root");
        HttpResponse<String> by = mesh.api("POST", "/v1/drills", REPORT.replace("\"kind\"", "\"by\":\"bob\",\"kind\""));
        assertThat(by.statusCode()).isEqualTo(400);
        assertThat(mesh.api("POST", "/v1/drills", REPORT.replace("startedAt", "begunAt"))
                        .body())
                .contains("startedAt", "begunAt");
        assertThat(mesh.get("/v1/drills").path("drills")).hasSize(before);
    }
}
