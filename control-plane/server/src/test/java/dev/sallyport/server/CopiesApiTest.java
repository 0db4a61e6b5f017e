package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.server.copies.CopySettings;
import dev.sallyport.server.copies.SinkServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A control plane that copies its record: what it says of that, and that a sink that fails is nobody's problem but its own. */
class CopiesApiTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final int RECORDS = 300;
    private static final String SECRET = "t0ken-of-the-sink-7f3a";

    @TempDir
    Path folder;

    private TestMesh mesh;

    @BeforeEach
    void start() throws Exception {
        mesh = TestMesh.withFolder(folder.resolve("mesh"));
    }

    @AfterEach
    void stop() {
        mesh.close();
    }

    private void copies(CopySettings... copies) throws Exception {
        mesh.audit = new AuditSettings(List.of(), 0, List.of(copies));
        mesh.restart();
    }

    private SentRecords sent() throws Exception {
        SentRecords records = new SentRecords();
        for (int i = 0; i < RECORDS; i++) {
            records.add(_ -> {});
        }
        records.send(mesh, folder.resolve("log")); // Fails unless each is answered by a receipt and found.
        return records;
    }

    private JsonNode status(String name) throws IOException, InterruptedException {
        for (JsonNode copy : mesh.get("/v1/audit/status").path("copies")) {
            if (copy.path("name").asText().equals(name)) {
                return copy;
            }
        }
        throw new AssertionError("no copy " + name + " in the status");
    }

    private String page() throws IOException, InterruptedException {
        return CLIENT.send(
                        HttpRequest.newBuilder(URI.create("http://" + mesh.controlPlane.monitoring() + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private double metric(String series) throws IOException, InterruptedException {
        return page().lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + series + " on the page"));
    }

    /** Nothing listens there. */
    private static CopySettings dead() {
        return new CopySettings(
                "dead",
                CopySettings.Kind.OTLP,
                new CopySettings.Web(URI.create("http://127.0.0.1:1"), Optional.empty(), List.of(), ""),
                false,
                dev.sallyport.audit.export.ExportLabels.NONE);
    }

    @Test
    void deadSinkBesideAGoodOneTouchesNeitherItNorTheLogNorReceipts() throws Exception {
        try (SinkServer loki = SinkServer.loki()) {
            copies(dead(), loki.copy("good", Optional.empty()));
            SentRecords records = sent();
            await().atMost(DEADLINE)
                    .until(() -> status("good").path("lagRecords").asLong() == 0
                            && loki.lines().size() > RECORDS);
            assertThat(loki.wrong()).isEmpty();
            Map<Long, String> lines = loki.lines();
            for (AuditRecord record : records.records) {
                assertThat(lines).containsValue(records.line(record));
            }
            JsonNode good = status("good");
            long next = good.path("next").asLong();
            assertThat(lines.keySet()).startsWith(0L).contains(next - 1);
            assertThat((long) lines.size()).isGreaterThanOrEqualTo(next);
            assertThat(good.path("kind").asText()).isEqualTo("loki");
            assertThat(good.path("sent").asLong()).isGreaterThan(RECORDS);
            assertThat(good.path("refused").asLong() + good.path("gaps").asLong())
                    .isZero();
            assertThat(good.hasNonNull("problem")).isFalse();
            await().atMost(DEADLINE).until(() -> status("dead").hasNonNull("problem"));
            JsonNode dead = status("dead");
            assertThat(dead.path("next").asLong()).isZero();
            assertThat(dead.path("sent").asLong()).isZero();
            assertThat(dead.path("lagRecords").asLong()).isGreaterThan(RECORDS);
            metricsOfBoth(next);
        }
    }

    private void metricsOfBoth(long sent) throws Exception {
        assertThat(metric("sallyport_audit_copy_records_total{copy=\"good\",result=\"sent\"}"))
                .isGreaterThanOrEqualTo(sent);
        assertThat(metric("sallyport_audit_copy_records_total{copy=\"good\",result=\"refused\"}"))
                .isZero();
        assertThat(metric("sallyport_audit_copy_records_total{copy=\"dead\",result=\"sent\"}"))
                .isZero();
        assertThat(metric("sallyport_audit_copy_failing{copy=\"good\"}")).isZero();
        assertThat(metric("sallyport_audit_copy_failing{copy=\"dead\"}")).isEqualTo(1);
        await().atMost(DEADLINE).until(() -> metric("sallyport_audit_copy_lag_records{copy=\"good\"}") == 0);
        assertThat(metric("sallyport_audit_copy_lag_seconds{copy=\"good\"}")).isLessThan(DEADLINE.toSeconds());
        assertThat(metric("sallyport_audit_copy_lag_records{copy=\"dead\"}")).isGreaterThan(RECORDS);
        assertThat(metric("sallyport_audit_copy_lag_seconds{copy=\"dead\"}")).isPositive();
        assertThat(metric("sallyport_audit_copy_gaps_total{copy=\"good\"}")).isZero();
    }

    @Test
    void restartedControlPlaneGoesOnWhereItsCopyWas() throws Exception {
        try (SinkServer loki = SinkServer.loki()) {
            copies(loki.copy("good", Optional.empty()));
            sent();
            await().atMost(DEADLINE)
                    .until(() -> status("good").path("lagRecords").asLong() == 0);
            long next = status("good").path("next").asLong();
            mesh.restart();
            await().atMost(DEADLINE).until(() -> status("good").path("next").asLong() >= next);
            assertThat(status("good").path("sent").asLong()).isLessThan(RECORDS);
            assertThat(status("good").path("gaps").asLong()).isZero();
        }
    }

    @Test
    void refusedTokenIsSaidWithItsFixAndShownNowhere() throws Exception {
        String basic = Base64.getEncoder().encodeToString(("writer:" + SECRET).getBytes());
        Path headers = Files.writeString(
                folder.resolve("headers"), "authorization: Bearer " + SECRET + "\nx-second: Basic " + basic + "\n");
        Files.setPosixFilePermissions(headers, PosixFilePermissions.fromString("rw-------"));
        Queue<String> logged = new ConcurrentLinkedQueue<>();
        for (int code : List.of(401, 403, 404)) {
            try (Logged _ = new Logged(logged);
                    SinkServer sink = SinkServer.telltale(code)) {
                CopySettings copy = sink.copy("strict", Optional.of(headers));
                copies(copy);
                await().atMost(DEADLINE).until(() -> status("strict").hasNonNull("problem"));
                assertThat(status("strict").path("problem").asText())
                        .startsWith("status " + code + " (")
                        .contains("records wait until this is mended", code == 404 ? sink.base() : headers.toString())
                        .contains("no: "); // What the sink says follows, without what it repeats.
                assertThat(status("strict").path("refused").asLong()).isZero();
                for (String secret : List.of(SECRET, basic)) {
                    assertThat(mesh.get("/v1/audit/status").toString()).doesNotContain(secret);
                    assertThat(mesh.get("/v1/status").toString()).doesNotContain(secret);
                    assertThat(page()).doesNotContain(secret);
                    assertThat(copy + mesh.config().toString()).doesNotContain(secret);
                }
            }
        }
        assertThat(logged)
                .anyMatch(line -> line.contains("copy strict waits"))
                .noneMatch(line -> line.contains(SECRET) || line.contains(basic));
    }

    /** All that is logged, at every level, while it is open. */
    private static final class Logged extends AppenderBase<ILoggingEvent> implements AutoCloseable {
        private final Logger root = (Logger) org.slf4j.LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        private final Logger own = (Logger) org.slf4j.LoggerFactory.getLogger("dev.sallyport");
        private final Queue<String> lines;

        Logged(Queue<String> lines) {
            this.lines = lines;
            own.setLevel(Level.ALL);
            start();
            root.addAppender(this);
        }

        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage() + event.getThrowableProxy());
        }

        @Override
        public void close() {
            root.detachAppender(this);
            own.setLevel(null);
        }
    }
}
