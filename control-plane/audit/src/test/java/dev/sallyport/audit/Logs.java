package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
    static final int SEGMENT = 64 * 1024;

    private Logs() {}

    /** Segments as small as they come in tests. */
    static AuditLog.Settings settings() {
        return settings(SEGMENT);
    }

    static AuditLog.Settings settings(long segmentBytes) {
        return AuditLog.Settings.of(STREAM).withSegmentBytes(segmentBytes);
    }

    static AuditLog open(Path folder) throws IOException {
        return AuditLog.open(folder, settings(), Clock.systemUTC());
    }

    static AuditLog open(Path folder, Storage.Factory factory) throws IOException {
        return open(folder, settings(), factory, SMALL_RING);
    }

    static AuditLog open(Path folder, AuditLog.Settings settings, Storage.Factory factory, int places)
            throws IOException {
        return AuditLog.open(folder, settings, Clock.systemUTC(), factory, places);
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

    /** Without the zeros of a segment that is not full. */
    static List<String> lines(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1)
                .replace("\0", "")
                .lines()
                .toList();
    }

    /** What the log says that it lost, all gaps together. */
    static long gaps(Path folder, String field) throws IOException {
        return phase(folder, "gap").stream()
                .mapToLong(fields -> (Long) fields.get(field))
                .sum();
    }

    static long gaps(Path folder) throws IOException {
        return gaps(folder, AuditFields.DROPPED_RECORDS);
    }

    /** A copy of the folder as a crash leaves it: what is written is there, nothing says that it ended. */
    static Path crashed(Path folder, Path copy) throws IOException {
        Files.createDirectory(copy);
        try (var entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                if (!entry.endsWith(".lock") && !entry.toString().endsWith(".tmp")) {
                    Files.copy(entry, copy.resolve(folder.relativize(entry)));
                }
            }
        }
        return copy;
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
