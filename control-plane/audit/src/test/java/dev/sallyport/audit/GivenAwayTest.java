package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sallyport.audit.AuditLog.Mode;
import dev.sallyport.audit.AuditLog.Outcome;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Records that nobody waits for: the hot path. */
@Timeout(30)
class GivenAwayTest {
    @TempDir
    Path top;

    @Test
    void recordIsWrittenSoonWhetherTheWriterSleepsOrGathers() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder)) {
            AuditLog.Appender appender = log.on(Runnable::run);
            for (int i = 1; i <= 20; i++) {
                assertThat(appender.append(Logs.record("/" + i))).isTrue();
                awaitWritten(log, i);
            }
        }
        assertThat(Logs.paths(folder)).hasSize(20);
        Logs.assertHolds(folder);
    }

    @Test
    void recordThatSomebodyWaitsForIsTakenAsItWasAndThenGivenAway() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder)) {
            AuditLog.Appender appender = log.on(Runnable::run);
            Logs.Answers answers = new Logs.Answers();
            AuditRecord record = Logs.record("/a");
            record.phase = AuditRecord.Phase.INTENT;
            appender.append(record, Mode.REQUIRED, answers);
            record.phase = AuditRecord.Phase.OUTCOME;
            record.path = "/b";
            appender.append(record);
            assertThat(answers.await(1)).containsExactly(Outcome.DURABLE);
        }
        assertThat(Logs.paths(folder)).containsExactly("/a", "/b");
    }

    @Test
    void closedLogRefusesAndCounts() throws Exception {
        AuditLog log = Logs.open(top.resolve("log"));
        log.close();
        assertThat(log.on(Runnable::run).append(Logs.record("/late"))).isFalse();
        assertThat(log.recordsDropped()).isEqualTo(1);
    }

    @Test
    void manyLoopsLoseNothingButWhatIsCounted() throws Exception {
        Path folder = top.resolve("log");
        int loops = 4;
        int each = 3_000;
        AtomicInteger refused = new AtomicInteger();
        try (AuditLog log = Logs.open(folder, Logs.settings(), DiskStorage::prepare, 256)) {
            List<Thread> threads = new ArrayList<>();
            for (int loop = 0; loop < loops; loop++) {
                String name = "/" + loop + "/";
                AuditLog.Appender appender = log.on(Runnable::run);
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < each; i++) {
                        AuditRecord record = Logs.record(name + i);
                        record.detail = i % 100 == 0 ? "large".repeat(2000) : null;
                        if (!appender.append(record)) {
                            refused.incrementAndGet();
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(log.recordsDropped()).isEqualTo(refused.get());
        }
        List<Object> paths = Logs.paths(folder);
        assertThat(paths).hasSize(loops * each - refused.get()).doesNotHaveDuplicates();
        for (int loop = 0; loop < loops; loop++) {
            String name = "/" + loop + "/";
            assertThat(paths.stream()
                            .map(Object::toString)
                            .filter(path -> path.startsWith(name))
                            .map(path -> Integer.valueOf(path.substring(name.length()))))
                    .isSorted();
        }
        Logs.assertHolds(folder);
    }

    @Test
    void waitingRecordsAreBoundedByTheTextThatTheyKeep() throws Exception {
        FakeDisk disk = new FakeDisk();
        try (AuditLog log = Logs.open(top.resolve("log"), Logs.settings(), disk, 1 << 16)) {
            AuditLog.Appender appender = log.on(Runnable::run);
            disk.still = new CountDownLatch(1);
            int accepted = 0;
            while (appender.append(sized(3500))) {
                accepted++;
            }
            // 14 MiB of 7.5 kB, and a batch that the writer holds.
            assertThat(accepted).isBetween(1_950, 2_050);
            assertThat(log.recordsDropped()).isEqualTo(1);
            disk.still.countDown();
        }
    }

    @Test
    void recordWithMoreTextThanIsWrittenKeepsOnlyThat() throws Exception {
        FakeDisk disk = new FakeDisk();
        try (AuditLog log = Logs.open(top.resolve("log"), Logs.settings(), disk, 1 << 16)) {
            AuditLog.Appender appender = log.on(Runnable::run);
            disk.still = new CountDownLatch(1);
            AuditRecord large = sized(1 << 20);
            for (int i = 0; i < 1000; i++) {
                assertThat(appender.append(large)).as("record %d of 1 MiB", i).isTrue();
            }
            disk.still.countDown();
        }
    }

    @Test
    void givingAwayMakesNoGarbageAndWritingNextToNone() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long here = Thread.currentThread().threadId();
        try (AuditLog log = Logs.open(top.resolve("log"), Logs.settings(8 << 20), DiskStorage::prepare, 1024)) {
            AuditLog.Appender appender = log.on(Runnable::run);
            long writer = writer(threads);
            for (int round = 1; round <= 3; round++) {
                AuditRecord[] records = new AuditRecord[500];
                for (int i = 0; i < records.length; i++) {
                    records[i] = sized(300);
                    records[i].userRoles = List.of("a", "b", "c");
                }
                long before = threads.getThreadAllocatedBytes(here);
                long writerBefore = threads.getThreadAllocatedBytes(writer);
                for (AuditRecord record : records) {
                    appender.append(record);
                }
                long bytes = threads.getThreadAllocatedBytes(here) - before;
                awaitWritten(log, 500L * round);
                long writerBytes = threads.getThreadAllocatedBytes(writer) - writerBefore;
                if (round > 1) { // The first loads classes and grows the buffer.
                    assertThat(bytes / 500).as("on the loop, a record").isZero();
                    assertThat(writerBytes / 500).as("in the writer, a record").isLessThan(64);
                }
            }
        }
    }

    private static long writer(ThreadMXBean threads) {
        for (long id : threads.getAllThreadIds()) {
            var thread = threads.getThreadInfo(id);
            if (thread != null && thread.getThreadName().equals("audit-log")) {
                return id;
            }
        }
        throw new AssertionError("no writer");
    }

    private static AuditRecord sized(int characters) {
        AuditRecord record = Logs.record("/");
        record.detail = "d".repeat(characters);
        return record;
    }

    private static void awaitWritten(AuditLog log, long records) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .atMost(Duration.ofSeconds(5))
                .until(() -> log.recordsWritten() == records);
    }
}
