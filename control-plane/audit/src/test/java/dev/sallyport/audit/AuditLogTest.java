package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.audit.AuditLog.Mode;
import dev.sallyport.audit.AuditLog.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class AuditLogTest {
    @TempDir
    Path top;

    private final Logs.Answers answers = new Logs.Answers();

    @Test
    void recordIsWrittenAndAnsweredOnItsLoop() throws Exception {
        Path folder = top.resolve("log");
        List<String> names = new ArrayList<>();
        try (ExecutorService loop = Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().name("loop").factory());
                AuditLog log = Logs.open(folder)) {
            log.on(loop).append(Logs.record("/a"), Mode.BUFFERED, outcome -> {
                names.add(Thread.currentThread().getName());
                answers.accept(outcome);
            });
            assertThat(answers.await(1)).containsExactly(Outcome.WRITTEN);
            assertThat(Logs.paths(folder)).containsExactly("/a");
            log.on(loop).append(Logs.record("/b"), Mode.REQUIRED, answers);
            assertThat(answers.await(2)).containsExactly(Outcome.WRITTEN, Outcome.DURABLE);
            assertThat(log.recordsWritten()).isEqualTo(2);
            assertThat(log.recordsDropped()).isZero();
        }
        assertThat(names).containsExactly("loop");
        Logs.assertHolds(folder);
    }

    @Test
    void closeWritesWhatWasAppendedAndSaysThatItIsTheEnd() throws Exception {
        Path folder = Logs.write(top.resolve("log"), 1000);
        assertThat(Logs.paths(folder)).hasSize(1000);
        assertThat(Logs.records(folder).getLast())
                .containsEntry(AuditFields.PHASE, "end")
                .containsEntry(AuditFields.RECORDS, 1000L);
    }

    @Test
    void closedLogRefuses() throws Exception {
        AuditLog log = Logs.open(top.resolve("log"));
        log.close();
        assertThat(log.on(Runnable::run).append(Logs.record("/late"), Mode.REQUIRED, answers))
                .isFalse();
        assertThat(answers.await(1)).containsExactly(Outcome.FAILED);
        assertThat(log.recordsDropped()).isEqualTo(1);
        log.close();
    }

    @Test
    void nobodyButTheOwnerCanReadIt() throws Exception {
        Path folder = Files.createDirectory(
                top.resolve("log"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Logs.write(folder, 1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(Logs.file(folder, 1))))
                .isEqualTo("rw-------");
    }

    @Test
    void secondOpenerIsRefusedUntilTheFirstIsDone() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder)) {
            assertThatThrownBy(() -> Logs.open(folder))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use");
            assertThat(log.recordsDropped()).isZero();
        }
        Logs.open(folder).close();
    }

    @Test
    void openingAgainContinuesTheChainInTheNextFile() throws Exception {
        Path folder = top.resolve("log");
        for (int i = 0; i < 3; i++) {
            Logs.write(folder, 2);
        }
        AuditVerifier.Report report = AuditVerifier.verify(folder);
        assertThat(report.bad()).isEmpty();
        assertThat(report.logs()).singleElement().satisfies(log -> {
            assertThat(log.files()).isEqualTo(3);
            assertThat(log.records()).isEqualTo(6);
            assertThat(log.streamId()).matches(Pattern.quote(Logs.STREAM) + "/[0-9a-f]{16}");
        });
    }

    @Test
    void fullFileIsFollowedByTheNext() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder, Logs.settings(8_000), DiskStorage::prepare, 1024)) {
            AuditLog.Appender appender = log.on(Runnable::run);
            for (int i = 0; i < 20; i++) {
                appender.append(Logs.record("/" + i), Mode.REQUIRED, answers);
                answers.await(i + 1);
            }
        }
        assertThat(LogFolder.files(folder)).hasSizeGreaterThan(3);
        assertThat(Logs.paths(folder)).hasSize(20);
        Logs.assertHolds(folder);
    }

    @Test
    void manyLoopsLoseNothingAndForgeNothing() throws Exception {
        Path folder = top.resolve("log");
        int loops = 4;
        int each = 1_000;
        AtomicInteger refused = new AtomicInteger();
        long written;
        long dropped;
        try (AuditLog log = Logs.open(folder, Logs.settings(), DiskStorage::prepare, 256)) {
            List<Thread> threads = new ArrayList<>();
            for (int loop = 0; loop < loops; loop++) {
                String name = "/" + loop + "/";
                AuditLog.Appender appender = log.on(Runnable::run);
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < each; i++) {
                        Mode mode = i % 100 == 0 ? Mode.REQUIRED : Mode.BUFFERED;
                        if (!appender.append(Logs.record(name + i), mode, answers)) {
                            refused.incrementAndGet();
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            answers.await(loops * each);
            written = log.recordsWritten();
            dropped = log.recordsDropped();
        }
        assertThat(answers.count()).isEqualTo(loops * each);
        assertThat(dropped).isEqualTo(refused.get());
        assertThat(written + dropped).isEqualTo((long) loops * each);
        List<Object> paths = Logs.paths(folder);
        assertThat(paths).hasSize((int) written).doesNotHaveDuplicates();
        assertThat(Logs.gaps(folder)).isEqualTo(dropped);
        Logs.assertHolds(folder);
    }

    @Test
    void fullRingRefusesAtOnceAndTheLogSaysHowMany() throws Exception {
        Path folder = top.resolve("log");
        FakeDisk disk = new FakeDisk();
        try (AuditLog log = Logs.open(folder, disk)) {
            AuditLog.Appender appender = log.on(Runnable::run);
            disk.still = new CountDownLatch(1);
            int accepted = 0;
            int refused = 0;
            for (int i = 0; refused < 5; i++) {
                Logs.Answers own = new Logs.Answers();
                if (appender.append(Logs.record("/" + i), Mode.BUFFERED, own)) {
                    accepted++;
                } else {
                    refused++;
                    assertThat(own.await(1)).containsExactly(Outcome.REFUSED_FULL);
                }
            }
            assertThat(log.recordsDropped()).isEqualTo(5);
            disk.still.countDown();
            disk.still = new CountDownLatch(0);
            // There may be no room for a moment yet.
            org.awaitility.Awaitility.await().until(() -> log.recordsWritten() > 0);
            appender.append(Logs.record("/after"), Mode.REQUIRED, answers);
            assertThat(answers.await(1)).containsExactly(Outcome.DURABLE);
            assertThat(log.recordsWritten()).isEqualTo(accepted + 1);
            assertThat(log.recordsDropped()).isEqualTo(5);
        }
        assertThat(Logs.gaps(folder)).isEqualTo(5);
        Logs.assertHolds(folder);
    }

    @Test
    void bigRecordsAreBoundedInBytesToo() throws Exception {
        FakeDisk disk = new FakeDisk();
        try (AuditLog log = Logs.open(top.resolve("log"), Logs.settings(), disk, 1 << 16)) {
            AuditLog.Appender appender = log.on(Runnable::run);
            disk.still = new CountDownLatch(1);
            AuditRecord big = Logs.record("/big");
            big.userRoles = java.util.Collections.nCopies(25, "r".repeat(2000));
            int accepted = 0;
            while (appender.append(big, Mode.BUFFERED, answers)) {
                accepted++;
            }
            assertThat(accepted).isBetween(290, 310); // 14 MiB of 50 kB, and a batch that the writer holds
            disk.still.countDown();
        }
    }

    @Test
    void fileThatCouldNotBeForcedIsNeverForcedAgain() throws Exception {
        Path folder = top.resolve("log");
        FakeDisk disk = new FakeDisk();
        try (AuditLog log = Logs.open(folder, disk)) {
            AuditLog.Appender appender = log.on(Runnable::run);
            disk.failForces.set(1);
            appender.append(Logs.record("/a"), Mode.REQUIRED, answers);
            assertThat(answers.await(1)).containsExactly(Outcome.FAILED);
            appender.append(Logs.record("/b"), Mode.REQUIRED, answers);
            assertThat(answers.await(2).getLast()).isEqualTo(Outcome.DURABLE);
            assertThat(disk.forcesAfterFailure).hasValue(0);
        }
        assertThat(LogFolder.files(folder)).hasSize(2);
        assertThat(Logs.phase(folder, "fault"))
                .singleElement()
                .satisfies(fault ->
                        assertThat((Long) fault.get(AuditFields.UNFORCED_BYTES)).isPositive());
        assertThat(Logs.paths(folder)).containsExactly("/a", "/b");
        Logs.assertHolds(folder);
    }

    @Test
    void writeThatFailsIsMadeInTheNextFileWithoutATrace() throws Exception {
        Path folder = top.resolve("log");
        FakeDisk disk = new FakeDisk();
        try (AuditLog log = Logs.open(folder, disk)) {
            disk.failWrites.set(1);
            log.on(Runnable::run).append(Logs.record("/a"), Mode.REQUIRED, answers);
            assertThat(answers.await(1)).containsExactly(Outcome.DURABLE);
            assertThat(log.recordsDropped()).isZero();
        }
        assertThat(Logs.paths(folder)).containsExactly("/a");
        assertThat(Logs.phase(folder, "fault")).hasSize(1);
        Logs.assertHolds(folder);
    }

    @Test
    void fullDiskFailsRecordsCountsThemAndRecovers() throws Exception {
        Path folder = top.resolve("log");
        FakeDisk disk = new FakeDisk();
        try (AuditLog log = Logs.open(folder, disk)) {
            AuditLog.Appender appender = log.on(Runnable::run);
            disk.failWrites.set(2); // the record, and the next file's header
            appender.append(Logs.record("/a"), Mode.REQUIRED, answers);
            assertThat(answers.await(1)).containsExactly(Outcome.FAILED);
            assertThat(log.recordsDropped()).isEqualTo(1);
            Logs.assertHolds(folder); // even now: nothing half-written lies about
            appender.append(Logs.record("/b"), Mode.BUFFERED, answers);
            assertThat(answers.await(2).getLast()).isEqualTo(Outcome.WRITTEN);
            assertThat(log.recordsWritten()).isEqualTo(1);
        }
        assertThat(Logs.paths(folder)).containsExactly("/b");
        assertThat(Logs.gaps(folder)).isEqualTo(1);
        Logs.assertHolds(folder);
    }

    @Test
    void logWhoseFirstHeaderCannotBeWrittenDoesNotOpen() throws Exception {
        Path folder = top.resolve("log");
        FakeDisk disk = new FakeDisk();
        disk.failWrites.set(1);
        assertThatThrownBy(() -> Logs.open(folder, disk)).isInstanceOf(IOException.class);
        Logs.open(folder, disk).close();
        Logs.assertHolds(folder);
    }

    @Test
    void tornTailIsPutAsideAndOnRecordWhereverTheCrashCameIn() throws Exception {
        Path whole = Logs.write(top.resolve("whole"), 3);
        byte[] bytes = Files.readAllBytes(Logs.file(whole, 1));
        // 61 meets every part of a line, and the very beginning.
        for (int length = 0; length < bytes.length; length += 61) {
            Path folder = Files.createDirectory(top.resolve("torn-" + length));
            byte[] cut = java.util.Arrays.copyOf(bytes, length);
            Files.write(Logs.file(folder, 1), cut);
            Logs.write(folder, 1);
            int good = new String(cut, java.nio.charset.StandardCharsets.US_ASCII).lastIndexOf('\n') + 1;
            int torn = length - good;
            assertThat(Logs.phase(folder, "recovered"))
                    .as("cut to %d bytes", length)
                    .extracting(fields -> fields.get(AuditFields.TORN_BYTES))
                    .isEqualTo(length == 0 ? List.of() : List.of((long) torn));
            if (torn > 0) {
                assertThat(Files.readAllBytes(folder.resolve("00000001.audit.jsonl.torn")))
                        .endsWith(java.util.Arrays.copyOfRange(cut, good, length));
            }
            Logs.assertHolds(folder);
        }
    }

    @Test
    void damageElsewhereIsRefusedNamingThePlace() throws Exception {
        Path folder = Logs.write(top.resolve("log"), 5);
        Path file = Logs.file(folder, 1);
        Files.writeString(file, Files.readString(file).replace("\"/2\"", "\"/9\""));
        assertThatThrownBy(() -> Logs.open(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file + ":4: hash");
    }

    /** The twin of the torn tail: with its line feed a last line is no crash's, and taking it for one would put the evidence aside. */
    @Test
    void lastLineThatWasChangedIsRefusedAndLeftAsItIs() throws Exception {
        Path folder = Logs.write(top.resolve("log"), 3);
        Path file = Logs.file(folder, 1);
        String good = Files.readString(file);
        int last = Logs.lines(file).size();
        String end = Logs.lines(file).getLast();
        for (String line : List.of(end.replace("\"end\"", "\"eng\""), "{}", "", end.substring(0, end.length() / 2))) {
            String changed = good.replace(end, line);
            Files.writeString(file, changed);
            assertThatThrownBy(() -> Logs.open(folder))
                    .as(line)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file + ":" + last + ": ");
            assertThat(file).hasContent(changed);
            assertThat(folder.resolve("00000001.audit.jsonl.torn")).doesNotExist();
        }
        Files.writeString(file, good);
        Logs.open(folder).close();
        Logs.assertHolds(folder);
    }

    @Test
    void callBacksOfALoopThatEndedAreNobodysProblem() throws Exception {
        ExecutorService loop = Executors.newSingleThreadExecutor();
        loop.close();
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder)) {
            log.on(loop).append(Logs.record("/a"), Mode.BUFFERED, answers);
            log.on(Runnable::run).append(Logs.record("/b"), Mode.BUFFERED, answers);
            answers.await(1);
        }
        assertThat(Logs.paths(folder)).containsExactly("/a", "/b");
    }

    @Test
    void idsAreSortableUniqueAndHaveTheirTime() {
        var time = java.time.Instant.ofEpochMilli(1_469_918_176_385L);
        assertThat(AuditRecord.newId(time, () -> 0)).isEqualTo("01ARYZ6S410000000000000000");
        assertThat(AuditRecord.newId(time, () -> -1)).isEqualTo("01ARYZ6S41ZZZZZZZZZZZZZZZZ");
        var random = new java.util.Random(1);
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            ids.add(AuditRecord.newId(time, random));
        }
        assertThat(ids).hasSize(10_000).allMatch(id -> id.matches("[0-9A-HJKMNP-TV-Z]{26}"));
        assertThat(AuditRecord.newId(time.plusMillis(1), () -> 0)).isGreaterThan(AuditRecord.newId(time, () -> -1));
    }
}
