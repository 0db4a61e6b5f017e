package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditLog.Mode;
import dev.sallyport.audit.AuditLog.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What strangers cause does not take the room of those who were let in. */
@Timeout(60)
class QuotaTest {
    private static final int PLACES = 64;

    @TempDir
    Path top;

    private final FakeDisk disk = new FakeDisk();

    private static AuditRecord denial(String path) {
        AuditRecord record = Logs.record(path);
        record.verdict = AuditRecord.Verdict.DENY;
        return record;
    }

    private static AuditRecord refusedConnection() {
        return new AuditRecord("0", java.time.Instant.now(), AuditRecord.Direction.CONNECTION);
    }

    /** A log whose writer is kept by its disk: what is offered stays where it is. */
    private AuditLog standing(Path folder) throws Exception {
        AuditLog log = Logs.open(folder, Logs.settings(), disk, PLACES);
        disk.still = new CountDownLatch(1);
        log.on(Runnable::run).append(Logs.record("/first"), Mode.BUFFERED, _ -> {});
        await().until(() -> log.on(Runnable::run).append(Logs.record("/second")));
        await().pollDelay(java.time.Duration.ofMillis(50)).until(() -> true); // the writer has them, or never will
        return log;
    }

    @Test
    void floodOfDenialsLeavesRoomForTheRequestsOfOthers() throws Exception {
        Path folder = top.resolve("log");
        Logs.Answers answers = new Logs.Answers();
        try (AuditLog log = standing(folder)) {
            AuditLog.Appender appender = log.on(Runnable::run);
            List<Boolean> denials = new ArrayList<>();
            for (int i = 0; i < 10 * PLACES; i++) {
                denials.add(appender.append(i % 2 == 0 ? denial("/denied") : refusedConnection()));
            }
            assertThat(denials.stream().filter(taken -> taken)).hasSize(PLACES / 4);
            int admitted = 0;
            while (appender.append(Logs.record("/admitted"))) {
                admitted++;
            }
            assertThat(admitted).isBetween(PLACES / 2, PLACES);
            long refusals = log.refusalsDropped();
            assertThat(refusals).isEqualTo(10L * PLACES - PLACES / 4);
            assertThat(log.recordsDropped()).isEqualTo(refusals + 1);
            disk.still.countDown();
            await().until(() -> appender.append(Logs.record("/after"), Mode.REQUIRED, answers));
            answers.await(1);
            assertThat(Logs.gaps(folder)).isEqualTo(log.recordsDropped());
            assertThat(Logs.gaps(folder, AuditFields.DROPPED_REFUSALS)).isEqualTo(refusals);
            // Their places are theirs again.
            assertThat(appender.append(denial("/denied later"))).isTrue();
        }
        assertThat(Logs.paths(folder)).contains("/denied later", "/after", "/admitted");
        Logs.assertHolds(folder);
    }

    @Test
    void bufferedRecordsLeaveTheLastPlacesToRequestsThatWait() throws Exception {
        Logs.Answers answers = new Logs.Answers();
        try (AuditLog log = standing(top.resolve("log"))) {
            AuditLog.Appender appender = log.on(Runnable::run);
            while (appender.append(Logs.record("/buffered"))) {
                assertThat(log.recordsDropped()).isZero();
            }
            int required = 0;
            // The disk hangs: at its deadline whoever waits is told, and nobody more is taken.
            while (required < PLACES / 8 && appender.append(Logs.record("/required"), Mode.REQUIRED, answers)) {
                required++;
            }
            assertThat(required).as("waited for room of their own").isPositive();
            disk.still.countDown();
        }
    }

    @Test
    void denialThatIsTakenIsWrittenLikeAnyOther() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder, disk)) {
            assertThat(log.on(Runnable::run).append(denial("/denied"))).isTrue();
        }
        assertThat(Logs.paths(folder)).containsExactly("/denied");
        assertThat(Logs.phase(folder, "gap")).isEmpty();
    }

    /** From 85 % on: what is left of the folder is for those who were let in. */
    @Test
    void folderThatIsNearlyFullTakesNoMoreOfWhatStrangersCause() throws Exception {
        Path folder = top.resolve("log");
        Logs.Answers answers = new Logs.Answers();
        AuditLog.Settings settings = Logs.settings(16 * 1024).withBytesMax(512 * 1024);
        try (AuditLog log = Logs.open(folder, settings, DiskStorage::prepare, PLACES)) {
            AuditLog.Appender appender = log.on(Runnable::run);
            int taken = 0;
            while (appender.append(denial("/denied"))) {
                taken++;
                appender.append(Logs.record("/pace"), Mode.REQUIRED, answers);
                answers.await(taken);
            }
            assertThat(log.watermark()).isEqualTo(85);
            assertThat(log.refusalsDropped()).isEqualTo(1);
            appender.append(Logs.record("/admitted"), Mode.REQUIRED, answers);
            assertThat(answers.await(taken + 1).getLast()).isEqualTo(Outcome.DURABLE);
            Shipping shipping = log.shipping();
            shipping.received(log.durableNumber());
            appender.append(Logs.record("/admitted"), Mode.REQUIRED, answers);
            answers.await(taken + 2);
            await().until(() -> appender.append(denial("/denied again")));
            assertThat(log.watermark()).isZero();
        }
    }
}
