package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;

/** Logs and records for tests. */
final class Logs {
    static final String STREAM = "spiffe://shop.example/ns/shop/sa/orders#1";
    static final int SMALL_RING = 16;

    private Logs() {}

    static AuditLog open(Path folder) throws IOException {
        return AuditLog.open(folder, STREAM, Clock.systemUTC());
    }

    static AuditLog open(Path folder, Storage.Factory factory) throws IOException {
        return AuditLog.open(folder, STREAM, Clock.systemUTC(), factory, 1 << 20, SMALL_RING);
    }

    static AuditRecord record(String path) {
        AuditRecord record = new AuditRecord(
                AuditRecord.newId(Instant.now(), new Random()), Instant.now(), AuditRecord.Direction.INBOUND);
        record.method = "GET";
        record.path = path;
        record.verdict = AuditRecord.Verdict.ALLOW;
        return record;
    }

    static byte[] encoded(AuditRecord record) {
        JsonBuffer json = new JsonBuffer();
        new RecordEncoder(json).encode(record);
        return json.copy();
    }

    /** A closed log of one file: header, {@code records} records, end. */
    static Path write(Path folder, int records) throws IOException {
        try (AuditLog log = open(folder)) {
            Answers answers = new Answers();
            AuditLog.Appender appender = log.on(Runnable::run);
            for (int i = 0; i < records; i++) {
                appender.append(record("/" + i), AuditLog.Mode.BUFFERED, answers);
            }
        }
        return folder;
    }

    static Path file(Path folder, int number) {
        return LogFolder.file(folder, number);
    }

    static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file);
    }

    static List<Map<String, Object>> records(Path folder) throws IOException {
        List<Map<String, Object>> records = new ArrayList<>();
        AuditReader.forEach(folder, record -> records.add(record.fields()));
        return records;
    }

    static List<Map<String, Object>> phase(Path folder, String phase) throws IOException {
        return records(folder).stream()
                .filter(fields -> phase.equals(fields.get(AuditFields.PHASE)))
                .toList();
    }

    static List<Object> paths(Path folder) throws IOException {
        return records(folder).stream()
                .filter(fields -> fields.containsKey(AuditFields.PATH))
                .map(fields -> fields.get(AuditFields.PATH))
                .toList();
    }

    static void assertHolds(Path folder) throws IOException {
        assertThat(AuditVerifier.verify(folder).bad()).isEmpty();
    }

    /** Call-backs in the order they came. */
    static final class Answers implements java.util.function.Consumer<AuditLog.Outcome> {
        private final ConcurrentLinkedQueue<AuditLog.Outcome> outcomes = new ConcurrentLinkedQueue<>();

        @Override
        public void accept(AuditLog.Outcome outcome) {
            outcomes.add(outcome);
        }

        List<AuditLog.Outcome> await(int count) {
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> outcomes.size() >= count);
            return List.copyOf(outcomes);
        }

        int count() {
            return outcomes.size();
        }
    }
}
