package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditLog.Mode;
import dev.sallyport.audit.AuditLog.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a disk can do to a log: what those who wait hear, what is on record, and that it goes on. */
@Timeout(60)
class DiskFaultTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path top;

    private final FakeDisk disk = new FakeDisk();

    private static Outcome append(AuditLog log, String path, Mode mode) {
        Logs.Answers answers = new Logs.Answers();
        log.on(Runnable::run).append(Logs.record(path), mode, answers);
        return answers.await(1).getFirst();
    }

    private static Outcome required(AuditLog log, String path) {
        return append(log, path, Mode.REQUIRED);
    }

    @Test
    void healthyDiskLeavesNoFaultOnRecord() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder, disk)) {
            assertThat(required(log, "/a")).isEqualTo(Outcome.DURABLE);
            assertThat(append(log, "/b", Mode.BUFFERED)).isEqualTo(Outcome.WRITTEN);
        }
        assertThat(Logs.phase(folder, "fault")).isEmpty();
        assertThat(Logs.phase(folder, "gap")).isEmpty();
    }

    /** The real thing where the test may mount a file system; the same by a disk that says so where not. */
    @Test
    void fullDiskFailsThoseWhoWaitCountsTheOthersAndGoesOnWhenThereIsRoom() throws Exception {
        Path mounted = Files.createDirectory(top.resolve("tiny"));
        Optional<TinyDisk> tiny = TinyDisk.mount(mounted, 320);
        Path folder = mounted.resolve("log");
        Path ballast = mounted.resolve("ballast");
        try {
            Storage.Factory factory = tiny.isPresent() ? DiskStorage::prepare : disk;
            AuditLog.Settings settings = Logs.settings(64 * 1024);
            try (AuditLog log = Logs.open(folder, settings, factory, 1024)) {
                await().until(() -> Files.exists(folder.resolve(LogFolder.NEXT)));
                if (tiny.isPresent()) {
                    fill(ballast);
                } else {
                    disk.capacity = 2 * 64 * 1024; // the live one and the one that is ready
                }
                int durable = 0;
                while (required(log, "/" + durable) == Outcome.DURABLE) {
                    durable++;
                }
                assertThat(durable).as("what was preallocated is ours").isGreaterThan(100);
                assertThat(append(log, "/lost", Mode.BUFFERED)).isEqualTo(Outcome.FAILED);
                assertThat(log.recordsDropped()).isEqualTo(2);
                Logs.assertHolds(folder);
                assertThat(Logs.paths(folder)).hasSize(durable);

                Files.deleteIfExists(ballast);
                disk.capacity = Long.MAX_VALUE;
                await().atMost(SOON).until(() -> required(log, "/after") == Outcome.DURABLE);
                assertThat(log.recordsDropped()).isGreaterThanOrEqualTo(2);
                assertThat(Logs.gaps(folder)).isEqualTo(log.recordsDropped());
            }
            Logs.assertHolds(folder);
            assertThat(Logs.paths(folder)).contains("/after").doesNotContain("/lost");
        } finally {
            if (tiny.isPresent()) {
                tiny.get().close();
            }
        }
    }

    private static void fill(Path ballast) throws IOException {
        try (var out = Files.newOutputStream(ballast)) {
            byte[] piece = new byte[4096];
            while (true) {
                out.write(piece);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    /** Nothing was ever written there: the sidecar does not start without a log. */
    @Test
    void logDoesNotOpenOnAFullDisk() throws Exception {
        disk.capacity = 0;
        assertThatThrownBy(() -> Logs.open(top.resolve("log"), disk)).hasMessageContaining("No space left");
        disk.capacity = Long.MAX_VALUE;
        Logs.open(top.resolve("log"), disk).close();
    }

    @Test
    void fileSystemThatBecomesReadOnlyFailsEverybodyUntilItIsWritableAgain() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder, disk)) {
            assertThat(required(log, "/before")).isEqualTo(Outcome.DURABLE);
            disk.failure.set("Read-only file system");
            assertThat(required(log, "/a")).isEqualTo(Outcome.FAILED);
            assertThat(append(log, "/b", Mode.BUFFERED)).isEqualTo(Outcome.FAILED);
            assertThat(log.recordsDropped()).isEqualTo(2);
            disk.failure.set("");
            await().atMost(SOON).until(() -> required(log, "/after") == Outcome.DURABLE);
            assertThat(Logs.gaps(folder)).isEqualTo(log.recordsDropped());
        }
        assertThat(Logs.phase(folder, "fault"))
                .first()
                .satisfies(fault -> assertThat(fault).containsEntry(AuditFields.ERROR_TYPE, "EROFS"));
        assertThat(Logs.paths(folder)).contains("/before", "/after").doesNotContain("/b");
        Logs.assertHolds(folder);
    }

    @Test
    void errorOfTheDiskIsNamedOnRecord() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder, disk)) {
            disk.failForces.set(1);
            assertThat(required(log, "/a")).isEqualTo(Outcome.FAILED);
            assertThat(required(log, "/b")).isEqualTo(Outcome.DURABLE);
        }
        assertThat(disk.forcesAfterFailure).hasValue(0);
        assertThat(Logs.phase(folder, "fault"))
                .singleElement()
                .satisfies(fault -> assertThat(fault).containsEntry(AuditFields.ERROR_TYPE, "EIO"));
    }

    @Test
    void diskThatHangsFailsThoseWhoWaitAtTheDeadlineAndLaterOnesAtOnce() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder, Logs.settings(), disk, 64)) {
            assertThat(required(log, "/before")).isEqualTo(Outcome.DURABLE);
            disk.still = new CountDownLatch(1);
            long begun = System.nanoTime();
            Logs.Answers held = new Logs.Answers();
            Logs.Answers buffered = new Logs.Answers();
            AuditLog.Appender appender = log.on(Runnable::run);
            appender.append(Logs.record("/held"), Mode.REQUIRED, held);
            appender.append(Logs.record("/queued"), Mode.REQUIRED, held);
            appender.append(Logs.record("/buffered"), Mode.BUFFERED, buffered);
            assertThat(held.await(2)).containsExactly(Outcome.FAILED, Outcome.FAILED);
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isBetween(Duration.ofMillis(250), Duration.ofSeconds(3));

            Logs.Answers late = new Logs.Answers();
            begun = System.nanoTime();
            assertThat(appender.append(Logs.record("/late"), Mode.REQUIRED, late))
                    .isFalse();
            assertThat(late.await(1)).containsExactly(Outcome.FAILED);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMillis(200));
            assertThat(buffered.count()).as("nobody waits for it").isZero();

            disk.still.countDown();
            assertThat(buffered.await(1)).containsExactly(Outcome.WRITTEN);
            await().atMost(SOON).until(() -> required(log, "/after") == Outcome.DURABLE);
            assertThat(held.count()).as("answered once").isEqualTo(2);
            assertThat(Logs.gaps(folder)).isEqualTo(log.recordsDropped());
        }
        assertThat(Logs.phase(folder, "fault")).isNotEmpty().first().satisfies(fault -> {
            assertThat(fault).containsEntry(AuditFields.ERROR_TYPE, "device_hung");
            assertThat((Long) fault.get(AuditFields.HUNG_MILLIS)).isGreaterThanOrEqualTo(250);
        });
        assertThat(Logs.paths(folder))
                .as("written in the end, though nobody could vouch for it in time")
                .contains("/before", "/held", "/queued", "/buffered", "/after")
                .doesNotContain("/late");
        Logs.assertHolds(folder);
    }

    /** The twin: half a deadline is no failure. */
    @Test
    void diskThatIsSlowIsWaitedFor() throws Exception {
        Path folder = top.resolve("log");
        AuditLog.Settings settings = new AuditLog.Settings(
                Logs.STREAM,
                Logs.SEGMENT,
                AuditLog.Settings.BYTES_MAX,
                Duration.ofSeconds(20),
                Duration.ofSeconds(30),
                java.util.Map::of);
        try (AuditLog log = Logs.open(folder, settings, disk, 64)) {
            disk.still = new CountDownLatch(1);
            Logs.Answers held = new Logs.Answers();
            log.on(Runnable::run).append(Logs.record("/held"), Mode.REQUIRED, held);
            Thread answering = Thread.ofPlatform().start(() -> {
                java.util.concurrent.locks.LockSupport.parkNanos(
                        Duration.ofMillis(300).toNanos());
                disk.still.countDown();
            });
            assertThat(held.await(1)).containsExactly(Outcome.DURABLE);
            answering.join();
        }
        assertThat(Logs.phase(folder, "fault")).isEmpty();
    }
}
