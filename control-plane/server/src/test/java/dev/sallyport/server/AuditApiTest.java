package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.Pem;
import dev.sallyport.server.collector.TestLog;
import dev.sallyport.server.collector.TestMembers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sidecars deliver over their own connections; people read how the record stands, and its files. */
class AuditApiTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private TestMesh mesh;
    private TestSidecar back;
    private TestLog log;

    @BeforeEach
    void start() throws Exception {
        mesh = TestMesh.withFolder(folder);
        back = mesh.enrolled("back");
        log = TestLog.write(folder.resolve("log"), "back/" + back.instance + "/one", 600);
    }

    @AfterEach
    void stop() {
        mesh.close();
    }

    private static TestMembers.Member member(TestSidecar sidecar) {
        return new TestMembers.Member(
                sidecar.svid().id(),
                sidecar.instance,
                Pem.encode(sidecar.svid().chain()),
                sidecar.svid().privateKey());
    }

    private HttpResponse<byte[]> send(TestSidecar by, byte[] batch) throws Exception {
        return by.ask(MeshNames.AUDIT_BATCH_PATH, batch);
    }

    private HttpResponse<byte[]> send(long first, long last) throws Exception {
        return send(back, log.batch(member(back), first, last));
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    private JsonNode await(String path, Callable<Boolean> wanted) throws Exception {
        Instant end = Instant.now().plus(DEADLINE);
        while (!wanted.call()) {
            if (Instant.now().isAfter(end)) {
                throw new AssertionError(path + ": " + mesh.get(path));
            }
            Thread.sleep(50);
        }
        return mesh.get(path);
    }

    private JsonNode published(long atLeast) throws Exception {
        return await(
                "/v1/audit/status",
                () -> mesh.get("/v1/audit/status")
                                .path("checkpoint")
                                .path("size")
                                .asLong()
                        >= atLeast);
    }

    @Test
    void aBatchIsAnsweredByAReceiptAndAGapByWhatIsExpected() throws Exception {
        HttpResponse<byte[]> taken = send(1, 100);
        assertThat(taken.statusCode()).as(text(taken)).isEqualTo(200);
        assertThat(Wire.receipt(taken.body())).isEqualTo(new Wire.Receipt(log.stream, 100));
        HttpResponse<byte[]> early = send(150, 200);
        assertThat(early.statusCode()).isEqualTo(409);
        assertThat(Wire.gap(early.body())).isEqualTo(new Wire.Gap(log.stream, 101));
        mesh.restart();
        back.renew();
        assertThat(Wire.receipt(send(50, 602).body()).through()).isEqualTo(602);
        JsonNode status = published(602);
        assertThat(status.path("origin").asText()).isEqualTo("audit.small.example/small");
        assertThat(status.path("keys")).hasSize(2);
        JsonNode stream = status.path("streams").get(0);
        assertThat(stream.path("stream").asText()).isEqualTo(log.stream);
        assertThat(stream.path("records").asLong()).isEqualTo(602);
        assertThat(stream.path("ended").asBoolean()).isTrue();
        JsonNode audit = mesh.get("/v1/status").path("audit");
        assertThat(audit.path("streams").asLong()).isEqualTo(1);
        assertThat(audit.path("published").asLong()).isGreaterThanOrEqualTo(602);
    }

    @Test
    void whoeverIsNotTheStreamsOwnIsRefusedWithAReason() throws Exception {
        TestSidecar front = mesh.enrolled("front");
        HttpResponse<byte[]> brought = send(front, log.batch(member(back), 1, 10));
        assertThat(brought.statusCode()).isEqualTo(403);
        assertThat(text(brought)).contains("\"code\":\"identity\"", "who brings it");
        TestSidecar replica = mesh.enrolled("back");
        assertThat(text(send(replica, log.batch(member(replica), 1, 10)))).contains("issued to instance");
        assertThat(send(1, 10).statusCode()).isEqualTo(200);
        TestLog fork = TestLog.write(folder.resolve("fork"), log.stream, 20);
        HttpResponse<byte[]> forked = send(back, fork.batch(member(back), 5, 12));
        assertThat(forked.statusCode()).isEqualTo(422);
        assertThat(text(forked)).contains("\"code\":\"fork\"");
        assertThat(send(back, "no batch\n".getBytes(StandardCharsets.UTF_8)).statusCode())
                .isEqualTo(400);
        assertThat(tooLarge()).isTrue();
        JsonNode open = await(
                "/v1/audit/findings",
                () -> !mesh.get("/v1/audit/findings").path("findings").isEmpty());
        JsonNode finding = open.path("findings").get(0);
        assertThat(finding.path("kind").asText()).isEqualTo("fork");
        assertThat(finding.path("subject").asText()).isEqualTo(log.stream);
        assertThat(finding.path("resolve").asText()).contains("Move that log's folder aside");
        String path = "/v1/audit/findings/" + finding.path("id").asLong() + "/resolve";
        assertThat(mesh.api("POST", path, "{\"reason\":\"a restored snapshot\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(mesh.api("POST", path, "{\"reason\":\"again\"}").statusCode())
                .isEqualTo(409);
        assertThat(mesh.get("/v1/audit/findings").path("findings")).isEmpty();
        assertThat(mesh.get("/v1/audit/findings?all=true")
                        .path("findings")
                        .get(0)
                        .path("resolution")
                        .asText())
                .contains("a restored snapshot");
    }

    /** The answer may overtake the body, of which the rest is then not wanted. */
    private boolean tooLarge() throws Exception {
        try {
            return send(back, new byte[2 * 1024 * 1024]).statusCode() == 413;
        } catch (IOException e) {
            return String.valueOf(e.getMessage()).contains("RST_STREAM");
        }
    }

    @Test
    void theLogsFilesAreServedAndNothingElseOfTheFolder() throws Exception {
        send(1, 602);
        published(602);
        HttpResponse<String> checkpoint = mesh.api("GET", "/v1/audit/log/checkpoint", "");
        assertThat(checkpoint.statusCode()).isEqualTo(200);
        assertThat(checkpoint.body()).startsWith("audit.small.example/small\n");
        assertThat(mesh.api("GET", "/v1/audit/log/tile/0/000", "").statusCode()).isEqualTo(200);
        assertThat(mesh.api("GET", "/v1/audit/log/tile/entries/001", "").statusCode())
                .isEqualTo(200);
        for (String path : List.of(
                "tile/0/999",
                "tree",
                ".lock",
                "tile",
                "tile/0",
                "tile/0/0",
                "tile/entries/../../tree",
                "..%2fkeys%2flog.keys",
                "%2e%2e/keys/log.keys",
                "tile/0/..%2f..%2f..%2fkeys/log.keys",
                "checkpoint%00",
                "checkpoint/",
                "/etc/passwd",
                "//etc/passwd")) {
            assertThat(mesh.api("GET", "/v1/audit/log/" + path, "").statusCode())
                    .as(path)
                    .isIn(400, 404);
        }
    }

    @Test
    void administratorsPruneByIndexAndTime() throws Exception {
        send(1, 602);
        published(602);
        HttpResponse<String> pruned = mesh.api("POST", "/v1/audit/prune", "{\"below\":300}");
        assertThat(pruned.statusCode()).as(pruned.body()).isEqualTo(200);
        JsonNode answer = TestMesh.JSON.readTree(pruned.body());
        assertThat(answer.path("entries").asLong()).isEqualTo(256);
        assertThat(answer.path("below").asLong()).isEqualTo(256);
        assertThat(answer.path("receipt").asLong()).isGreaterThan(600);
        assertThat(mesh.api("GET", "/v1/audit/log/tile/entries/000", "").statusCode())
                .isEqualTo(404);
        assertThat(mesh.api("POST", "/v1/audit/prune", "{\"before\":\"2020-01-01\"}")
                        .body())
                .contains("\"entries\":0");
        for (String bad :
                List.of("{}", "{\"below\":1,\"before\":\"2020-01-01\"}", "{\"below\":\"x\"}", "{\"all\":1}")) {
            assertThat(mesh.api("POST", "/v1/audit/prune", bad).statusCode())
                    .as(bad)
                    .isEqualTo(400);
        }
    }

    @Test
    void policiesAreKeptUnderTheDigestThatRecordsCarry() throws Exception {
        Path policies = mesh.state().resolve("audit/policy");
        TestSidecar.Stream stream = back.open(new HostPort("127.0.0.1", 9));
        String digest = stream.snapshot().policy().digest();
        byte[] kept = Files.readAllBytes(policies.resolve(digest + ".json"));
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(kept)))
                .isEqualTo(digest);
        stream.close();
    }

    @Test
    void metricsCountWhatIsTakenAndRefused() throws Exception {
        send(1, 100);
        send(back, "no batch\n".getBytes(StandardCharsets.UTF_8));
        String metrics = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://" + mesh.controlPlane.monitoring() + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        assertThat(metrics)
                .contains("sallyport_audit_collector_records_total 100.0")
                .contains("sallyport_audit_collector_batches_refused_total{reason=\"form\"} 1.0")
                .contains("sallyport_audit_collector_batches_refused_total{reason=\"fork\"} 0.0")
                .contains("sallyport_audit_collector_findings_open{kind=\"gap\"} 0.0");
        assertThat(AlertRulesTest.metrics("audit.yaml"))
                .hasSizeGreaterThan(6)
                .allSatisfy(name -> assertThat(metrics).contains("# HELP " + name + " "));
    }
}
