package dev.sallyport.server;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.SealedBatch;
import dev.sallyport.identity.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Records as a sidecar of {@code back} writes them, seals them and sends them. */
final class SentRecords {
    private static final int SEGMENT_BYTES = 256 * 1024;
    static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

    final List<AuditRecord> records = new ArrayList<>();
    /** Of their log, once they are sent. */
    String stream = "";

    private List<String> lines = List.of();

    /** The next one: a GET by {@code front} that was allowed, unless {@code change} says otherwise; each a second after the one before. */
    AuditRecord add(Consumer<AuditRecord> change) {
        Instant time = NOON.plusSeconds(records.size());
        AuditRecord record =
                new AuditRecord(AuditRecord.newId(time, new Random()), time, AuditRecord.Direction.INBOUND);
        record.service = "back";
        record.callerId = "spiffe://small.example/sa/front";
        record.method = "GET";
        record.route = "read";
        record.template = "/things/{id}";
        record.path = "/things/7";
        record.verdict = AuditRecord.Verdict.ALLOW;
        record.reason = "allowed";
        record.rule = "read/front";
        record.status = 200;
        record.traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
        change.accept(record);
        records.add(record);
        return record;
    }

    /** All of them, once; until they can be found. */
    void send(TestMesh mesh, Path folder) throws Exception {
        TestSidecar back = mesh.enrolled("back");
        write(folder, "back/" + back.instance);
        byte[] text =
                lines.stream().reduce("", (all, line) -> all + line + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] batch = SealedBatch.seal(
                        stream,
                        1,
                        lines.size(),
                        "0".repeat(64),
                        hash(lines.getLast()),
                        text,
                        Instant.now(),
                        Pem.encode(back.svid().chain()),
                        back.svid().privateKey())
                .encode();
        var answer = back.ask(MeshNames.AUDIT_BATCH_PATH, batch);
        if (answer.statusCode() != 200) {
            throw new AssertionError(answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8));
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> mesh.get("/v1/audit/records?event=any&stream=" + stream)
                                .path("records")
                                .size()
                        > records.size());
    }

    private void write(Path folder, String name) throws IOException {
        AuditLog.Settings settings = AuditLog.Settings.of(name).withSegmentBytes(SEGMENT_BYTES);
        try (AuditLog log = AuditLog.open(folder, settings, Clock.systemUTC())) {
            stream = log.streamId();
            AuditLog.Appender appender = log.on(Runnable::run);
            for (AuditRecord record : records) {
                appender.append(record, AuditLog.Mode.BUFFERED, _ -> {});
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            Path file = files.filter(path -> path.toString().endsWith(".audit.jsonl"))
                    .findFirst()
                    .orElseThrow();
            lines = Files.readAllLines(file);
        }
    }

    /** As it is on disk. */
    String line(AuditRecord record) {
        return lines.stream()
                .filter(line -> line.contains(record.id))
                .findFirst()
                .orElseThrow();
    }

    private static String hash(String line) {
        return line.replaceFirst(".*\"audit.sequence.hash\":\"([0-9a-f]{64}).*", "$1");
    }
}
