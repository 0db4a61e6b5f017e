package dev.sallyport.proxy.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.telemetry.AccessMetrics;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.LoopRing;
import dev.sallyport.proxy.telemetry.Observer;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.Span;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AccessLogTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private final AccessMetrics metrics = new ProxyMetrics().access();
    private final RequestHead head = new RequestHead(Limits.standard());

    private static AuditRecord record(String id) {
        AuditRecord record =
                new AuditRecord(id, Instant.parse("2026-11-26T10:00:00.007Z"), AuditRecord.Direction.INBOUND);
        record.route = "orders/open";
        record.verdict = AuditRecord.Verdict.DENY;
        return record;
    }

    private void end(Observer observer, String id) {
        observer.ended(record(id), Reason.NO_ROUTE, head, Span.NONE);
    }

    /** A disk that a test fills. */
    private static final class Disk implements LineSink {
        private final StringBuilder text = new StringBuilder();
        private int room = Integer.MAX_VALUE;

        @Override
        public void ready(int bytes) {}

        @Override
        public synchronized void write(ByteBuffer lines) throws IOException {
            if (room == 0) {
                throw new IOException("No space left on device");
            }
            int now = Math.min(room, lines.remaining());
            for (int i = 0; i < now; i++) {
                text.append((char) lines.get());
            }
            room -= now;
        }

        synchronized void room(int bytes) {
            room = bytes;
        }

        synchronized String text() {
            return text.toString();
        }

        @Override
        public void close() {}
    }

    @Test
    void fullDiskDropsCountsAndGoesOnWithWholeLines() {
        Disk disk = new Disk();
        disk.room(100);
        AccessLog log = new AccessLog(disk, metrics);
        Observer observer = log.on(Direction.INBOUND);
        log.start();
        end(observer, "FIRST");
        await().atMost(SOON).until(() -> disk.text().length() == 100);
        for (int i = 0; i < LoopRing.SLOTS + 500; i++) {
            end(observer, "D" + i);
        }
        assertThat(metrics.dropped.sum()).isBetween(500L, 501L);
        long dropped = metrics.dropped.sum();
        disk.room(Integer.MAX_VALUE);
        log.close(SOON);
        List<String> lines = disk.text().lines().toList();
        assertThat(lines).hasSize(1 + 1 + LoopRing.SLOTS + 500 - (int) dropped);
        assertThat(lines.getFirst()).contains("\"FIRST\"");
        assertThat(lines.get(1)).isEqualTo("{\"dropped\":" + dropped + "}");
        assertThat(lines).allMatch(line -> line.startsWith("{") && line.endsWith("}"));
        assertThat(metrics.written.sum()).isEqualTo(lines.size() - 1);
    }

    @Test
    void fullFileBecomesANumberedOneAndNothingIsLost() throws IOException {
        Path file = folder.resolve("access.log");
        RotatedFile sink = new RotatedFile(file, 100, 3);
        for (int i = 0; i < 8; i++) {
            ByteBuffer line = ByteBuffer.wrap(
                    ("{\"n\":" + i + ",\"text\":\"" + "x".repeat(30) + "\"}\n").getBytes(StandardCharsets.US_ASCII));
            sink.ready(line.remaining());
            sink.write(line);
        }
        sink.close();
        assertThat(Files.readString(file)).contains("\"n\":6", "\"n\":7");
        assertThat(Files.readString(folder.resolve("access.log.1"))).contains("\"n\":4", "\"n\":5");
        assertThat(Files.readString(folder.resolve("access.log.2"))).contains("\"n\":2", "\"n\":3");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(3).allMatch(each -> each.toFile().length() <= 100);
        }
    }

    @Test
    void fileThatWasMovedAwayIsBegunAnew() throws IOException {
        Path file = folder.resolve("access.log");
        AccessLog log = AccessLog.toFile(file, 1 << 20, 2, metrics);
        Observer observer = log.on(Direction.INBOUND);
        log.start();
        end(observer, "ONE");
        await().atMost(SOON).until(() -> metrics.written.sum() == 1);
        Files.move(file, folder.resolve("moved"));
        end(observer, "TWO");
        log.close(SOON);
        assertThat(folder.resolve("moved")).content().contains("ONE").doesNotContain("TWO");
        assertThat(file).content().contains("TWO").doesNotContain("ONE");
    }

    @Test
    void fragmentOfAProcessThatWasKilledStandsAlone() throws IOException {
        Path file = folder.resolve("access.log");
        Files.writeString(file, "{\"torn");
        AccessLog log = AccessLog.toFile(file, 1 << 20, 2, metrics);
        end(log.on(Direction.INBOUND), "NEXT");
        log.close(SOON);
        assertThat(Files.readAllLines(file)).hasSize(2).first().isEqualTo("{\"torn");
    }

    @Test
    void symbolicLinkIsNotFollowed() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("access.log"), folder.resolve("victim"));
        assertThatThrownBy(() -> AccessLog.toFile(link, 1 << 20, 2, metrics))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("accessLog.to")
                .hasMessageContaining(link.toString())
                .hasMessageContaining("expected");
        assertThat(folder.resolve("victim")).doesNotExist();
    }

    // ---- taps ----

    private static Tap.Wish wish(int perSecond) {
        return new Tap.Wish(false, Optional.empty(), Optional.empty(), perSecond);
    }

    private static String read(Tap tap) {
        return new String(tap.read(), StandardCharsets.US_ASCII);
    }

    @Test
    void beyondItsRateATapCountsAndSaysSoEachSecond() {
        AtomicLong now = new AtomicLong();
        Taps taps = new Taps(metrics, now::get);
        Observer observer = taps.on(Direction.INBOUND);
        Tap tap = taps.open(wish(3)).orElseThrow();
        for (int i = 0; i < 10; i++) {
            end(observer, "D" + i);
        }
        assertThat(read(tap).lines()).hasSize(3);
        end(observer, "LATE");
        assertThat(read(tap)).isEmpty();
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(read(tap)).isEqualTo("{\"skipped\":8}\n");
        end(observer, "NEXT");
        assertThat(read(tap)).contains("NEXT");
        assertThat(metrics.sent.sum()).isEqualTo(4);
        assertThat(metrics.skipped.sum()).isEqualTo(8);
    }

    @Test
    void whatWaitsForASlowReaderIsBoundedByItsRate() {
        AtomicLong now = new AtomicLong();
        Taps taps = new Taps(metrics, now::get);
        Observer observer = taps.on(Direction.INBOUND);
        Tap tap = taps.open(wish(5)).orElseThrow();
        for (int i = 0; i < 10_000; i++) {
            now.addAndGet(Duration.ofMillis(10).toNanos());
            end(observer, "D" + i);
        }
        assertThat(read(tap).lines()).hasSize(6).last().isEqualTo("{\"skipped\":9995}");
    }

    @Test
    void tapHearsOnlyWhatItWishedFor() {
        Taps taps = new Taps(metrics, System::nanoTime);
        Observer observer = taps.on(Direction.INBOUND);
        Tap denied = taps.open(new Tap.Wish(true, Optional.empty(), Optional.empty(), 9))
                .orElseThrow();
        Tap routed = taps.open(new Tap.Wish(false, Optional.of("orders/other"), Optional.empty(), 9))
                .orElseThrow();
        Tap called = taps.open(new Tap.Wish(false, Optional.empty(), Optional.of("spiffe://a/b"), 9))
                .orElseThrow();
        AuditRecord allowed = record("ALLOWED");
        allowed.verdict = AuditRecord.Verdict.ALLOW;
        allowed.route = "orders/other";
        allowed.callerId = "spiffe://a/b";
        observer.ended(allowed, Reason.ALLOWED, head, Span.NONE);
        end(observer, "DENIED");
        assertThat(read(denied)).contains("DENIED").doesNotContain("ALLOWED");
        assertThat(read(routed)).contains("ALLOWED").doesNotContain("DENIED");
        assertThat(read(called)).contains("ALLOWED").doesNotContain("DENIED");
    }

    @Test
    void fifthTapIsRefusedUntilOneIsClosedAndNoneOpensAtTheEnd() {
        Taps taps = new Taps(metrics, System::nanoTime);
        Tap first = taps.open(wish(1)).orElseThrow();
        for (int i = 1; i < Taps.MAX; i++) {
            assertThat(taps.open(wish(1))).isPresent();
        }
        assertThat(taps.open(wish(1))).isEmpty();
        first.close();
        first.close();
        assertThat(taps.open(wish(1))).isPresent();
        first.close();
        taps.end();
        assertThat(first.ended()).isTrue();
        assertThat(taps.open(wish(1))).isEmpty();
    }
}
