package dev.sallyport.audit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditLog.Mode;
import dev.sallyport.audit.AuditLog.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What leaves for a collector, and what may go when it is there. */
@Timeout(60)
class ShippingTest {
    private static final int BATCH = 64 * 1024;

    @TempDir
    Path top;

    private static void append(AuditLog log, int from, int to) {
        for (int i = from; i <= to; i++) {
            Logs.Answers answers = new Logs.Answers();
            log.on(Runnable::run).append(Logs.record("/" + i), Mode.REQUIRED, answers);
            assertThat(answers.await(1)).containsExactly(Outcome.DURABLE);
        }
    }

    /** A collector that checks as one does; the number that it has everything up to. */
    private static final class Collector {
        private ChainCheck chain = ChainCheck.after(HashChain.GENESIS, 0);
        private final List<String> lines = new ArrayList<>();

        void take(Shipping shipping, int bytesMax) throws IOException {
            for (Optional<Shipping.Stretch> next = shipping.after(chain.number(), bytesMax);
                    next.isPresent();
                    next = shipping.after(chain.number(), bytesMax)) {
                Shipping.Stretch stretch = next.get();
                assertThat(stretch.lines().length).isLessThanOrEqualTo(bytesMax);
                assertThat(stretch.previousHash()).isEqualTo(chain.head());
                int from = 0;
                long first = 0;
                for (int i = 0; i < stretch.lines().length; i++) {
                    if (stretch.lines()[i] == '\n') {
                        assertThat(chain.problem(stretch.lines(), from, i)).isEmpty();
                        lines.add(new String(stretch.lines(), from, i - from, US_ASCII));
                        first = first == 0 ? chain.number() : first;
                        from = i + 1;
                    }
                }
                assertThat(from).as("ends with a line feed").isEqualTo(stretch.lines().length);
                assertThat(stretch.first()).isEqualTo(first);
                assertThat(stretch.last()).isEqualTo(chain.number());
                assertThat(stretch.head()).isEqualTo(chain.head());
            }
        }
    }

    @Test
    void everyForcedLineLeavesOnceInOrderOverSegmentsAndRestarts() throws Exception {
        Path folder = top.resolve("log");
        AuditLog.Settings settings = Logs.settings(8_000);
        Collector collector = new Collector();
        for (int life = 0; life < 3; life++) {
            try (AuditLog log = Logs.open(folder, settings, DiskStorage::prepare, 64)) {
                append(log, 1, 30);
                Shipping shipping = log.shipping();
                assertThat(shipping.streamId()).isEqualTo(log.streamId());
                collector.take(shipping, BATCH);
                assertThat(collector.chain.number()).isEqualTo(log.durableNumber());
                assertThat(shipping.after(collector.chain.number(), BATCH)).isEmpty();
            }
        }
        try (AuditLog log = Logs.open(folder, settings, DiskStorage::prepare, 64)) {
            collector.take(log.shipping(), BATCH);
        }
        List<String> stored = new ArrayList<>();
        for (Path file : LogFolder.files(folder)) {
            stored.addAll(Logs.lines(file));
        }
        stored.removeLast(); // the end, which came after the last look
        assertThat(collector.lines).isEqualTo(stored);
    }

    @Test
    void lineThatIsNotForcedYetStays() throws Exception {
        FakeDisk disk = new FakeDisk();
        try (AuditLog log = Logs.open(top.resolve("log"), Logs.settings(), disk, 64)) {
            append(log, 1, 1);
            long before = log.durableNumber();
            Logs.Answers answers = new Logs.Answers();
            log.on(Runnable::run).append(Logs.record("/buffered"), Mode.BUFFERED, answers);
            answers.await(1);
            Collector collector = new Collector();
            collector.take(log.shipping(), BATCH);
            assertThat(collector.chain.number()).isBetween(before, before + 1);
            await().atMost(Duration.ofSeconds(5)).until(() -> log.durableNumber() == before + 1);
            collector.take(log.shipping(), BATCH);
            assertThat(collector.chain.number()).isEqualTo(before + 1);
        }
    }

    @Test
    void readerDoesNotWaitForAWriterThatHangs() throws Exception {
        FakeDisk disk = new FakeDisk();
        try (AuditLog log = Logs.open(top.resolve("log"), Logs.settings(), disk, 64)) {
            append(log, 1, 3);
            disk.still = new CountDownLatch(1);
            log.on(Runnable::run).append(Logs.record("/held"), Mode.REQUIRED, _ -> {});
            Collector collector = new Collector();
            collector.take(log.shipping(), BATCH);
            assertThat(collector.chain.number()).isEqualTo(4);
            log.shipping().received(4);
            disk.still.countDown();
        }
    }

    @Test
    void receiptsFreeWholeSegmentsAndNothingElse() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder, Logs.settings(8_000), DiskStorage::prepare, 64)) {
            append(log, 1, 60);
            List<Path> before = LogFolder.files(folder);
            long used = log.usedBytes();
            Shipping shipping = log.shipping();
            shipping.received(1);
            assertThat(LogFolder.files(folder)).isEqualTo(before);
            ChainReader.Result second = ChainReader.read(before.get(1), ChainReader.Start.ANY);
            shipping.received(second.number() - 1);
            assertThat(LogFolder.files(folder)).isEqualTo(before.subList(1, before.size()));
            shipping.received(second.number());
            assertThat(LogFolder.files(folder)).isEqualTo(before.subList(2, before.size()));
            assertThat(log.usedBytes()).isLessThan(used);
            shipping.received(log.durableNumber());
            assertThat(LogFolder.files(folder)).containsExactly(before.getLast());
            append(log, 61, 80);
        }
        AuditVerifier.Report report = AuditVerifier.verify(folder);
        assertThat(report.bad()).isEmpty();
        long first = report.logs().getFirst().first();
        assertThat(report.logs().getFirst().notes())
                .containsExactly("begins at number " + first + ": earlier records were received by a collector");
    }

    @Test
    void receiptsSurviveARestart() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder)) {
            append(log, 1, 5);
            log.shipping().received(3);
        }
        try (AuditLog log = Logs.open(folder)) {
            assertThat(log.shipping().received()).isEqualTo(3);
            Shipping.Stretch next = log.shipping().after(3, BATCH).orElseThrow();
            assertThat(next.first()).isEqualTo(4);
        }
    }

    @Test
    void receiptForWhatWasNeverThereIsRefused() throws Exception {
        try (AuditLog log = Logs.open(top.resolve("log"))) {
            Shipping shipping = log.shipping();
            assertThatThrownBy(() -> shipping.received(log.durableNumber() + 1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(shipping.received()).isZero();
            assertThatThrownBy(() -> shipping.after(0, 100)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** Reclaimed segments are explained by the cursor; without it, or with a hole among them, the verifier says so. */
    @Test
    void logWithoutItsBeginningHoldsByItsReceiptsOnly() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder, Logs.settings(8_000), DiskStorage::prepare, 64)) {
            append(log, 1, 60);
            long third = ChainReader.read(Logs.file(folder, 3), ChainReader.Start.ANY)
                    .first();
            log.shipping().received(third - 1);
        }
        assertThat(LogFolder.files(folder).getFirst()).isEqualTo(Logs.file(folder, 3));
        Logs.assertHolds(folder);
        Path hole = Logs.crashed(folder, top.resolve("hole"));
        Files.delete(Logs.file(hole, 4));
        assertThat(AuditVerifier.verify(hole).bad())
                .hasValueSatisfying(bad -> assertThat(bad.problem()).contains("00000004.audit.jsonl is missing"));
        Path more = Logs.crashed(folder, top.resolve("more"));
        Files.delete(Logs.file(more, 3));
        assertThat(AuditVerifier.verify(more).bad())
                .hasValueSatisfying(bad -> assertThat(bad.problem()).contains("00000001.audit.jsonl is missing"));
        Files.delete(folder.resolve(LogFolder.RECEIVED));
        assertThat(AuditVerifier.verify(folder).bad())
                .hasValueSatisfying(bad -> assertThat(bad.problem()).contains("00000001.audit.jsonl is missing"));
    }

    @Test
    void fullLogRefusesUntilAReceiptFreesASegmentAndDeletesNothingBefore() throws Exception {
        Path folder = top.resolve("log");
        AuditLog.Settings settings = Logs.settings(8 * 1024).withBytesMax(32 * 1024);
        try (AuditLog log = Logs.open(folder, settings, DiskStorage::prepare, 64)) {
            assertThat(log.bytesMax()).isEqualTo(32 * 1024);
            int durable = 0;
            Outcome outcome;
            do {
                Logs.Answers answers = new Logs.Answers();
                log.on(Runnable::run).append(Logs.record("/" + durable), Mode.REQUIRED, answers);
                outcome = answers.await(1).getFirst();
                durable += outcome == Outcome.DURABLE ? 1 : 0;
            } while (outcome == Outcome.DURABLE);
            assertThat(outcome).isEqualTo(Outcome.FAILED);
            List<Path> all = LogFolder.files(folder);
            assertThat(all.getFirst()).isEqualTo(Logs.file(folder, 1));
            assertThat(all).hasSizeGreaterThan(3);
            assertThat(log.usedBytes()).isLessThanOrEqualTo(log.bytesMax());
            assertThat(Logs.paths(folder)).hasSize(durable);
            long lost = log.recordsDropped();
            assertThat(lost).isEqualTo(1);

            Collector collector = new Collector();
            collector.take(log.shipping(), BATCH);
            log.shipping().received(collector.chain.number());
            await().atMost(Duration.ofSeconds(5)).until(() -> {
                Logs.Answers answers = new Logs.Answers();
                log.on(Runnable::run).append(Logs.record("/after"), Mode.REQUIRED, answers);
                return answers.await(1).getFirst() == Outcome.DURABLE;
            });
            collector.take(log.shipping(), BATCH);
            assertThat(Logs.gaps(folder)).isEqualTo(log.recordsDropped());
            assertThat(collector.lines).anyMatch(line -> line.contains("\"/after\""));
        }
        Logs.assertHolds(folder);
    }

    @Test
    void lineThatWasChangedOnDiskDoesNotLeave() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder)) {
            append(log, 1, 3);
            byte[] bytes = Files.readAllBytes(Logs.file(folder, 1));
            int at = new String(bytes, US_ASCII).indexOf("\"/2\"");
            bytes[at + 2] = '9';
            Files.write(Logs.file(folder, 1), bytes);
            assertThatThrownBy(() -> log.shipping().after(0, BATCH))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("after number 2: hash");
        }
    }

    /** Said once; what came after it must not stay here for ever because of it. */
    @Test
    void segmentThatWasDeletedIsMissedOnceAndTheRestLeaves() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder, Logs.settings(8_000), DiskStorage::prepare, 64)) {
            append(log, 1, 40);
            Shipping shipping = log.shipping();
            long last = ChainReader.read(Logs.file(folder, 1), ChainReader.Start.ANY)
                    .number();
            long third = ChainReader.read(Logs.file(folder, 3), ChainReader.Start.ANY)
                    .first();
            assertThat(shipping.after(0, BATCH).orElseThrow().last()).isEqualTo(last);
            Files.delete(Logs.file(folder, 2));
            assertThatThrownBy(() -> shipping.after(last, BATCH))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("00000002.audit.jsonl: gone before a collector received it");
            assertThat(shipping.after(last, BATCH).orElseThrow().first()).isEqualTo(third);
        }
    }

    @Test
    void eachOfSeveralDeletedSegmentsIsMissedOnceAndTheRestLeaves() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder, Logs.settings(8_000), DiskStorage::prepare, 64)) {
            append(log, 1, 80);
            Shipping shipping = log.shipping();
            long last = shipping.after(0, BATCH).orElseThrow().last();
            long fourth = ChainReader.read(Logs.file(folder, 4), ChainReader.Start.ANY)
                    .first();
            long sixth = ChainReader.read(Logs.file(folder, 6), ChainReader.Start.ANY)
                    .first();
            for (int file : new int[] {2, 3, 5}) {
                Files.delete(Logs.file(folder, file));
            }
            missed(shipping, last, 2);
            missed(shipping, last, 3);
            Shipping.Stretch between = shipping.after(last, BATCH).orElseThrow();
            assertThat(between.first()).isEqualTo(fourth);
            missed(shipping, between.last(), 5);
            assertThat(shipping.after(between.last(), BATCH).orElseThrow().first())
                    .isEqualTo(sixth);
            // Whoever asks again hears of none a second time, also after a receipt for what stands between them.
            assertThat(shipping.after(last, BATCH).orElseThrow().first()).isEqualTo(fourth);
            shipping.received(between.last());
            assertThat(shipping.after(between.last(), BATCH).orElseThrow().first())
                    .isEqualTo(sixth);
        }
    }

    private static void missed(Shipping shipping, long number, int file) {
        assertThatThrownBy(() -> shipping.after(number, BATCH))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("0000000" + file + ".audit.jsonl: gone before a collector received it");
    }

    @Test
    void numbersThatACrashTookAreLeftOutBetweenTwoStretches() throws Exception {
        Path lives = top.resolve("lives");
        Path folder;
        try (AuditLog log = Logs.open(lives)) {
            append(log, 1, 3);
            folder = Logs.crashed(lives, top.resolve("crashed"));
        }
        try (AuditLog log = Logs.open(folder)) {
            Collector collector = new Collector();
            Shipping shipping = log.shipping();
            Shipping.Stretch before = shipping.after(0, BATCH).orElseThrow();
            assertThat(before.last()).isEqualTo(4);
            Shipping.Stretch after = shipping.after(4, BATCH).orElseThrow();
            assertThat(after.first()).isGreaterThan(5);
            assertThat(after.previousHash()).isEqualTo(before.head());
            assertThat(shipping.after(after.first() - 1, BATCH).orElseThrow().first())
                    .isEqualTo(after.first());
            collector.take(shipping, BATCH);
            assertThat(collector.chain.number()).isEqualTo(after.last());
        }
    }
}
