package dev.sallyport.proxy.ship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.contract.SealedBatch;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.controlplane.ControlPlaneException;
import dev.sallyport.proxy.controlplane.Reply;
import dev.sallyport.proxy.testing.FakeCollector;
import dev.sallyport.proxy.testing.TestMesh;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ShipperTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private final FakeCollector collector = new FakeCollector();
    private final List<Shipper> shippers = new ArrayList<>();
    private TestMesh mesh;
    private SvidPublisher svids;
    private AuditLog log;
    /** Whether the network is cut. */
    private volatile boolean cut;

    private int made;

    @BeforeEach
    void open() throws Exception {
        mesh = new TestMesh(folder.resolve("mesh"));
        svids = mesh.publisher(mesh.id("orders"));
        log = openLog();
    }

    private AuditLog openLog() throws IOException {
        return AuditLog.open(
                folder.resolve("audit"),
                AuditLog.Settings.of("orders/instance").withSegmentBytes(1 << 20),
                Clock.systemUTC());
    }

    @AfterEach
    void close() throws IOException {
        shippers.forEach(Shipper::close);
        log.close();
    }

    private CompletableFuture<Reply> network(byte[] batch) {
        Optional<Reply> reply = cut ? Optional.empty() : collector.take(batch);
        return reply.map(CompletableFuture::completedFuture)
                .orElseGet(() -> CompletableFuture.failedFuture(new ControlPlaneException("cut")));
    }

    private Shipper start() {
        Shipper shipper = new Shipper(log, svids.source(), this::network, Clock.systemUTC(), new Random(1));
        shippers.add(shipper);
        shipper.start();
        return shipper;
    }

    private void append(int records, int pathBytes) {
        AuditLog.Appender appender = log.on(Runnable::run);
        for (int i = 0; i < records; i++) {
            AuditRecord record = new AuditRecord("id" + made++, Instant.now(), AuditRecord.Direction.INBOUND);
            record.path = "/" + "x".repeat(pathBytes);
            assertThat(appender.append(record)).isTrue();
        }
    }

    private void append(int records) {
        append(records, 10);
    }

    /** Everything that the disk has. */
    private void arrives(Shipper shipper) {
        await().atMost(SOON).until(() -> log.recordsWritten() == made);
        await().atMost(SOON)
                .until(() -> shipper.shipped().lagRecords(log.durableNumber()) == 0
                        && collector.lines().stream().anyMatch(line -> line.contains("\"id" + (made - 1) + "\"")));
        assertThat(collector.numbers())
                .as("each number once, none left out")
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, collector.numbers().size())
                                .boxed()
                                .toList());
    }

    @Test
    void recordsArriveSealedByTheCertificateInUseSoonAfterTheyAreOnDisk() {
        Shipper shipper = start();
        append(100);
        long from = System.nanoTime();
        arrives(shipper);
        assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(3));
        SealedBatch.Seal seal = collector.batches.getLast().seal();
        assertThat(seal.stream()).isEqualTo(log.streamId()).startsWith("orders/instance/");
        assertThat(seal.chainPem())
                .isEqualTo(Pem.encode(
                        List.copyOf(svids.source().svid().orElseThrow().chain())));
        assertThat(shipper.shipped().problem()).isEmpty();
        await("survives a restart")
                .atMost(SOON)
                .until(() -> log.shipping().received() == shipper.shipped().received());
    }

    @Test
    void batchWhoseAnswerWasLostIsSentAgainAndCountsOnce() {
        collector.answersLost.set(2);
        Shipper shipper = start();
        append(10);
        arrives(shipper);
        assertThat(collector.batches.size()).isGreaterThan(2);
        assertThat(shipper.shipped().records()).isEqualTo(collector.lines().size());
    }

    @Test
    void afterAnOutageEverythingArrivesInOrderInBatchesThatTheWireAllows() {
        cut = true;
        Shipper shipper = start();
        append(3000, 900);
        await().atMost(SOON)
                .until(() -> log.recordsWritten() == made && shipper.shipped().lagRecords(log.durableNumber()) > 2900);
        await().atMost(SOON).until(() -> shipper.shipped().problem().equals("cut"));
        assertThat(shipper.shipped().lagBytes(log.durableNumber())).isGreaterThan(1 << 20);
        cut = false;
        arrives(shipper);
        assertThat(collector.batches)
                .allSatisfy(batch -> assertThat(batch.lines()).hasSizeLessThanOrEqualTo(SealedBatch.LINES_BYTES_MAX));
        assertThat(collector.batches.size()).as("grows with the backlog").isLessThan(12);
        assertThat(shipper.shipped().problem()).isEmpty();
    }

    @Test
    void newCertificateSealsFromTheNextBatchOn() throws Exception {
        Shipper shipper = start();
        append(1);
        arrives(shipper);
        X509Svid next = mesh.svid(mesh.id("orders"));
        svids.publish(next);
        append(1);
        arrives(shipper);
        assertThat(collector.batches.getLast().seal().chainPem()).isEqualTo(Pem.encode(List.copyOf(next.chain())));
        assertThat(collector.batches.getFirst().seal().chainPem())
                .isNotEqualTo(collector.batches.getLast().seal().chainPem());
    }

    @Test
    void collectorThatIsBehindGetsTheRestAsLongAsItIsHere() {
        Shipper shipper = start();
        append(50);
        arrives(shipper);
        collector.forget(20);
        append(1);
        arrives(shipper);
        assertThat(shipper.shipped().lost()).isZero();
    }

    @Test
    void whatIsGoneHereIsCountedAsLostAndTheRestGoesOn() {
        Shipper shipper = start();
        // Three segments, the first of which a receipt frees.
        append(3000, 1000);
        arrives(shipper);
        await().atMost(SOON).until(() -> shipper.shipped().received() == log.durableNumber());
        collector.forget(0);
        append(1);
        String last = "\"id" + (made - 1) + "\"";
        await().atMost(Duration.ofSeconds(20))
                .until(() -> collector.lines().stream().anyMatch(line -> line.contains(last)));
        assertThat(shipper.shipped().lost()).isPositive();
        assertThat(collector.lines()).anyMatch(line -> line.contains("\"id" + (made - 1) + "\""));
    }

    @Test
    void receiptForWhatWasNeverWrittenIsNotBelieved() {
        collector.instead =
                Optional.of(new Reply(200, Optional.empty(), Wire.encode(new Wire.Receipt(log.streamId(), 1_000_000))));
        Shipper shipper = start();
        append(1);
        await().atMost(SOON).until(() -> shipper.shipped().problem().startsWith("a receipt up to number 1000000"));
        assertThat(shipper.shipped().received()).isZero();
        assertThat(log.shipping().received()).isZero();
        collector.instead = Optional.empty();
        arrives(shipper);
    }

    @Test
    void receiptForAnotherStreamIsNoReceipt() {
        collector.instead =
                Optional.of(new Reply(200, Optional.empty(), Wire.encode(new Wire.Receipt("orders/other/1", 1))));
        Shipper shipper = start();
        append(1);
        await().atMost(SOON).until(() -> shipper.shipped().problem().equals("a receipt for another stream"));
        assertThat(shipper.shipped().received()).isZero();
    }

    @Test
    void refusalIsShownAndTriedAgain() {
        collector.instead = Optional.of(new Reply(
                503,
                Optional.of(Duration.ofSeconds(1)),
                "{\"detail\":\"no room\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        Shipper shipper = start();
        append(1);
        await().atMost(SOON).until(() -> shipper.shipped().problem().equals("no room"));
        collector.instead = Optional.empty();
        arrives(shipper);
    }

    @Test
    void stopShipsWhatIsLeftWithTheLogsEnd() throws Exception {
        Shipper shipper = start();
        append(500);
        log.close();
        shipper.finish(Duration.ofSeconds(5));
        assertThat(collector.lines().getLast()).contains("\"sallyport.audit.phase\":\"end\"");
        assertThat(shipper.shipped().lagRecords(log.durableNumber())).isZero();
    }

    @Test
    void stopWithoutACollectorEndsInTimeAndTheNextStartShipsTheRest() throws Exception {
        Shipper first = start();
        append(10);
        arrives(first);
        cut = true;
        append(10);
        log.close();
        long from = System.nanoTime();
        first.finish(Duration.ofMillis(500));
        assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(2));
        assertThat(first.shipped().lagRecords(log.durableNumber())).isGreaterThanOrEqualTo(10);
        cut = false;
        collector.batches.clear();
        long known = first.shipped().received();
        log = openLog();
        Shipper second = start();
        await().atMost(SOON).until(() -> second.shipped().received() > known + 10);
        assertThat(collector.batches.getFirst().seal().first()).isEqualTo(known + 1);
        assertThat(collector.numbers()).doesNotHaveDuplicates();
    }

    @Test
    void withoutACertificateNothingLeaves() {
        Shipper shipper =
                new Shipper(log, new SvidPublisher().source(), this::network, Clock.systemUTC(), new Random(1));
        shippers.add(shipper);
        shipper.start();
        append(1);
        await().atMost(SOON).until(() -> log.durableNumber() > 1);
        shipper.finish(Duration.ofMillis(300));
        assertThat(collector.batches).isEmpty();
    }
}
