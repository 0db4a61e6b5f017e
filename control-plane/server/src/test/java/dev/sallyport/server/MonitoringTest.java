package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.document.HostPort;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the control plane says of itself on 15014. */
class MonitoringTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final HostPort ADDRESS = new HostPort("10.0.0.9", 15006);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

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

    @Test
    void processAndJvmAreMeasuredUnderTheNamesThatEverybodyUses() throws Exception {
        assertThat(page())
                .contains("jvm_memory_used_bytes{area=\"heap\"} ")
                .contains("jvm_memory_max_bytes{area=\"heap\"} ")
                .contains("jvm_gc_collection_seconds_count{gc=")
                .contains("jvm_threads_current ")
                .contains("process_start_time_seconds ")
                .contains("process_open_fds ")
                .contains("sallyport_build_info{version=");
        assertThat(value("process_cpu_seconds_total")).isPositive();
    }

    @Test
    void requestsAreCountedByListenerAndStatusAndNeverByPath() throws Exception {
        mesh.get("/v1/documents");
        mesh.api("GET", "/v1/nothing-here", "");
        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(page())
                        .contains("sallyport_control_plane_requests_total{code=\"200\",listener=\"api\"}")
                        .contains("sallyport_control_plane_requests_total{code=\"404\",listener=\"api\"}"));
        assertThat(page()).doesNotContain("nothing-here");
    }

    @Test
    void aSnapshotIsTimedUntilItsFirstAckAndASecondAckIsNotCounted() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        try (TestSidecar.Stream stream = back.open(ADDRESS)) {
            var snapshot = stream.snapshot();
            double before = value("sallyport_snapshot_ack_seconds_count");
            back.ack(snapshot, Optional.empty());
            assertThat(value("sallyport_snapshot_ack_seconds_count")).isEqualTo(before + 1);
            back.ack(snapshot, Optional.empty());
            assertThat(value("sallyport_snapshot_ack_seconds_count")).isEqualTo(before + 1);
            assertThat(value("sallyport_snapshot_push_seconds_count")).isPositive();
        }
    }

    @Test
    void theStoresCallsAreTimedAndACallersOwnRefusalIsNoFailure() throws Exception {
        double before = value("sallyport_store_call_seconds_count");
        mesh.joinFile("front");
        assertThat(value("sallyport_store_call_seconds_count")).isGreaterThan(before);
        assertThat(value("sallyport_store_call_seconds_sum")).isPositive();
        mesh.api("POST", "/v1/join-tokens", "{\"service\":\"nobody\",\"life\":\"1h\"}");
        assertThat(value("sallyport_store_failures_total")).isZero();
        assertThat(value("sallyport_store_waiting")).isZero();
    }

    @Test
    void whoeverAsksForOpenMetricsGetsThem() throws Exception {
        HttpResponse<String> answer = scrape("application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
        assertThat(answer.headers().firstValue("content-type").orElseThrow())
                .startsWith("application/openmetrics-text");
        assertThat(answer.body()).endsWith("# EOF\n");
        assertThat(scrape("text/plain").body()).doesNotContain("# EOF");
    }

    private static String page() throws Exception {
        return scrape("text/plain").body();
    }

    private static HttpResponse<String> scrape(String accepted) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create("http://" + mesh.controlPlane.monitoring() + "/metrics"))
                        .header("accept", accepted)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static double value(String series) throws Exception {
        Matcher line =
                Pattern.compile("(?m)^" + Pattern.quote(series) + " (\\S+)$").matcher(page());
        assertThat(line.find()).as(series).isTrue();
        return Double.parseDouble(line.group(1));
    }
}
