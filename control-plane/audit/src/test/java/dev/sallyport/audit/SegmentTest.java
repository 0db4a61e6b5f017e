package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditLog.Mode;
import dev.sallyport.audit.AuditLog.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that are full of zeros before a record is in them. */
@Timeout(30)
class SegmentTest {
    @TempDir
    Path top;

    private final Logs.Answers answers = new Logs.Answers();

    @Test
    void liveSegmentHasItsFullLengthAndEndsInZeros() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder)) {
            log.on(Runnable::run).append(Logs.record("/a"), Mode.REQUIRED, answers);
            assertThat(answers.await(1)).containsExactly(Outcome.DURABLE);
            byte[] live = Files.readAllBytes(Logs.file(folder, 1));
            assertThat(live).hasSize(Logs.SEGMENT).endsWith(new byte[100]);
            assertThat(log.usedBytes()).isBetween(500L, 2_000L);
        }
    }

    @Test
    void segmentThatEndedIsCutToItsLines() throws Exception {
        Path folder = Logs.write(top.resolve("log"), 3);
        byte[] ended = Files.readAllBytes(Logs.file(folder, 1));
        assertThat(ended).endsWith('}', '\n').doesNotContain(0).hasSizeLessThan(5_000);
    }

    @Test
    void fullSegmentIsCutBehindTheWriterToo() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder, Logs.settings(8_000), DiskStorage::prepare, 1024)) {
            for (int i = 1; i <= 20; i++) {
                log.on(Runnable::run).append(Logs.record("/" + i), Mode.REQUIRED, answers);
                answers.await(i);
            }
            Awaitility.await().until(() -> Files.size(Logs.file(folder, 1)) < 8_000);
            assertThat(Logs.lines(Logs.file(folder, 1)).getLast()).endsWith("}");
        }
        Logs.assertHolds(folder);
    }

    @Test
    void recordsAndVerdictOfALiveLogAreThoseOfItsLines() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder)) {
            for (int i = 1; i <= 5; i++) {
                log.on(Runnable::run).append(Logs.record("/" + i), Mode.REQUIRED, answers);
                answers.await(i);
            }
            assertThat(Logs.paths(folder)).containsExactly("/1", "/2", "/3", "/4", "/5");
            AuditVerifier.Report report = AuditVerifier.verify(folder);
            assertThat(report.bad()).isEmpty();
            assertThat(report.records()).isEqualTo(5);
            assertThat(AuditVerifier.verify(Logs.file(folder, 1)).bad()).isEmpty();
        }
    }

    /** A live log is verified while it is written: never a false alarm. */
    @Test
    void verifierIsNotMisledByTheWriter() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder, Logs.settings(), DiskStorage::prepare, 1024)) {
            Thread writing = Thread.ofPlatform().start(() -> {
                AuditLog.Appender appender = log.on(Runnable::run);
                for (int i = 0; i < 20_000; i++) {
                    appender.append(Logs.record("/" + i));
                    if (i % 100 == 0) {
                        java.util.concurrent.locks.LockSupport.parkNanos(100_000);
                    }
                }
            });
            while (writing.isAlive()) {
                Logs.assertHolds(folder);
            }
            writing.join();
        }
        Logs.assertHolds(folder);
    }

    @Test
    void segmentThatWasMadeAheadIsUsedAtTheNextStart() throws Exception {
        Path folder = top.resolve("log");
        Path next = folder.resolve(LogFolder.NEXT);
        try (AuditLog log = Logs.open(folder)) {
            Awaitility.await().until(() -> Files.exists(next));
            assertThat(log.usedBytes()).isPositive();
        }
        Object made = Files.readAttributes(next, java.nio.file.attribute.BasicFileAttributes.class)
                .fileKey();
        try (AuditLog log = Logs.open(folder)) {
            assertThat(Files.readAttributes(Logs.file(folder, 2), java.nio.file.attribute.BasicFileAttributes.class)
                            .fileKey())
                    .isEqualTo(made);
            assertThat(log.durableNumber()).isEqualTo(3);
        }
    }

    @Test
    void segmentThatWasNotMadeToTheEndIsMadeAnew() throws Exception {
        Path folder = Logs.write(top.resolve("log"), 1);
        Files.write(folder.resolve(LogFolder.NEXT), new byte[100]);
        Files.write(folder.resolve(LogFolder.NEXT + ".tmp"), new byte[100]);
        try (AuditLog log = Logs.open(folder)) {
            assertThat(Files.size(Logs.file(folder, 2))).isEqualTo(Logs.SEGMENT);
            assertThat(log.recordsDropped()).isZero();
        }
        Logs.assertHolds(folder);
    }

    @Test
    void streamKeepsItsNameOverRestartsAndAnotherFolderHasAnother() throws Exception {
        Path folder = Logs.write(top.resolve("log"), 1);
        String first;
        try (AuditLog log = Logs.open(folder)) {
            first = log.streamId();
        }
        try (AuditLog log = Logs.open(folder)) {
            assertThat(log.streamId()).isEqualTo(first).startsWith(Logs.STREAM + "/");
        }
        try (AuditLog log = Logs.open(top.resolve("other"))) {
            assertThat(log.streamId()).isNotEqualTo(first);
        }
        assertThat(AuditVerifier.verify(folder).logs())
                .extracting(AuditVerifier.LogReport::streamId)
                .isEqualTo(List.of(first));
    }

    @Test
    void heartbeatSaysWhatItsSupplierSaysAndTheLogLivesOnWhenThatFails() throws Exception {
        Path folder = top.resolve("log");
        java.util.concurrent.atomic.AtomicInteger asked = new java.util.concurrent.atomic.AtomicInteger();
        AuditLog.Settings settings = Logs.settings().withHeartbeat(Duration.ofMillis(20), () -> {
            if (asked.incrementAndGet() == 2) {
                throw new IllegalStateException("not now");
            }
            return java.util.Map.of(AuditFields.REVISION, 7L, AuditFields.POLICY_DIGEST, "sha256:1");
        });
        try (AuditLog log = Logs.open(folder, settings, DiskStorage::prepare, 16)) {
            Awaitility.await().until(() -> Logs.phase(folder, "heartbeat").size() >= 3);
            assertThat(log.recordsWritten()).isZero();
        }
        List<java.util.Map<String, Object>> beats = Logs.phase(folder, "heartbeat");
        assertThat(beats.getFirst())
                .containsEntry(AuditFields.EVENT_NAME, AuditFields.EVENT_LOG)
                .containsEntry(AuditFields.REVISION, 7L)
                .containsEntry(AuditFields.POLICY_DIGEST, "sha256:1")
                .containsEntry(AuditFields.RECORDS, 0L);
        assertThat(beats.get(1)).containsEntry(AuditFields.ERROR_TYPE, "IllegalStateException");
        assertThat(beats.get(2)).containsEntry(AuditFields.REVISION, 7L);
        Logs.assertHolds(folder);
    }

    @Test
    void logThatIsYoungerThanItsHeartbeatSaysNothing() throws Exception {
        assertThat(Logs.phase(Logs.write(top.resolve("log"), 1), "heartbeat")).isEmpty();
    }
}
