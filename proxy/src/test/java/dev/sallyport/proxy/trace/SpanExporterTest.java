package dev.sallyport.proxy.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.LoopRing;
import dev.sallyport.proxy.telemetry.Observer;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.Span;
import dev.sallyport.proxy.telemetry.SpanMetrics;
import dev.sallyport.proxy.telemetry.SpanMetrics.Result;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The way from an event loop to a collector that may be anything. */
@Timeout(60)
class SpanExporterTest {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static Transport side;

    private final SpanMetrics metrics = new ProxyMetrics().spans();
    private final Set<Long> held = ConcurrentHashMap.newKeySet();
    private FakeTraceCollector collector;
    private SpanExporter exporter;
    private Observer observer;
    private long spans;

    @BeforeAll
    static void open() {
        side = Transport.open("side", 1);
    }

    @AfterAll
    static void shut() {
        side.loops().shutdownGracefully();
    }

    @BeforeEach
    void start() throws Exception {
        collector = new FakeTraceCollector();
        exporter = exporter(collector.url(), Optional.empty(), Duration.ofSeconds(30));
        observer = exporter.on(Direction.INBOUND);
    }

    private SpanExporter exporter(URI url, Optional<Path> headers, Duration patience) {
        SpanExporter made = new SpanExporter(
                new SpanExporter.Settings(url, headers, Duration.ofMillis(500), patience),
                new Origin("orders", "0a1b", "0.1.0", Optional::empty),
                (_, span) -> held.contains(span),
                side,
                metrics,
                new Random(1));
        made.start();
        return made;
    }

    /** Instead of the one that every test has. */
    private void restart(URI url, Optional<Path> headers, Duration patience) {
        exporter.finish(Duration.ZERO);
        exporter = exporter(url, headers, patience);
        observer = exporter.on(Direction.INBOUND);
    }

    @AfterEach
    void stop() throws Exception {
        exporter.finish(Duration.ofMillis(100));
        collector.close();
    }

    private void end(Span span) {
        AuditRecord record = BatchEncoderTest.record();
        observer.ended(record, Reason.ALLOWED, new RequestHead(Limits.standard()), span);
    }

    private void end(int count) {
        for (int i = 0; i < count; i++) {
            end(new Span(++spans, 0));
        }
    }

    private void awaitCount(Result result, long count) {
        await().atMost(SOON).until(() -> metrics.count(result) == count);
    }

    @Test
    void recordedSpansArriveOnceOnOneConnectionAndOthersNever() {
        end(Span.NONE);
        end(700);
        awaitCount(Result.SENT, 700);
        end(1);
        awaitCount(Result.SENT, 701);
        assertThat(collector.spans()).hasSize(701).doesNotHaveDuplicates();
        assertThat(collector.accepted).hasSize(1);
        assertThat(collector.requests.getFirst().head())
                .startsWith("POST /v1/traces HTTP/1.1\r\n")
                .containsIgnoringCase("\r\nhost: 127.0.0.1:")
                .containsIgnoringCase("\r\ncontent-type: application/x-protobuf\r\n")
                .doesNotContainIgnoringCase("content-encoding");
    }

    @Test
    void batchHasAtMost512Spans() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        collector.behaviour = (socket, out) -> {
            go.await();
            collector.behaviour = FakeTraceCollector.TAKES;
            FakeTraceCollector.TAKES.answer(socket, out);
        };
        end(1500);
        go.countDown();
        awaitCount(Result.SENT, 1500);
        for (FakeTraceCollector.Request request : collector.requests) {
            assertThat(Otlp.read(request.body()).spans()).hasSizeLessThanOrEqualTo(512);
        }
    }

    @Test
    void pathOfTheEndpointStays() {
        restart(collector.url().resolve("/otlp/"), Optional.empty(), SOON);
        end(1);
        awaitCount(Result.SENT, 1);
        assertThat(collector.requests.getFirst().head()).startsWith("POST /otlp/v1/traces HTTP/1.1\r\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 502, 503, 504})
    void batchIsSentAgainWhereTheCollectorMayTakeItLater(int status) {
        collector.behaviour = (socket, out) -> {
            collector.behaviour = FakeTraceCollector.TAKES;
            FakeTraceCollector.says("HTTP/1.1 " + status + " x\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\nno")
                    .answer(socket, out);
        };
        long begun = System.nanoTime();
        end(3);
        awaitCount(Result.SENT, 3);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(900));
        assertThat(collector.requests).hasSize(2);
        assertThat(collector.requests.get(1).body())
                .isEqualTo(collector.requests.get(0).body());
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 307, 400, 401, 403, 404, 413, 500, 501})
    void batchIsGivenUpWhereTheCollectorNeverTakesIt(int status) {
        collector.behaviour = FakeTraceCollector.says(
                "HTTP/1.1 " + status + " \u001b[31mx\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nno");
        end(3);
        awaitCount(Result.FAILED, 3);
        assertThat(collector.requests).hasSize(1);
        collector.behaviour = FakeTraceCollector.TAKES;
        end(1);
        awaitCount(Result.SENT, 1);
    }

    @Test
    void spansThatTheCollectorRejectsAreCounted() {
        collector.behaviour = FakeTraceCollector.says("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n\n\6\b\2\22\2no");
        end(5);
        awaitCount(Result.FAILED, 2);
        awaitCount(Result.SENT, 3);
    }

    static Stream<Arguments> strangeAnswers() {
        return Stream.of(
                Arguments.of("JSON", "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{\"partialSuccess\":{}}\r\n"),
                Arguments.of("half a body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nno"),
                Arguments.of(
                        "a hundred first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 OK\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("until the end", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nno"),
                Arguments.of(
                        "a huge one", "HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n" + "x".repeat(4_000_000)),
                Arguments.of("a partial success that is none", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\n\177\b"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("strangeAnswers")
    void answerThatSaysTwoHundredIsOneWhateverFollows(String what, String answer) {
        collector.behaviour = (socket, out) -> {
            FakeTraceCollector.says(answer).answer(socket, out);
            out.flush();
            socket.close();
        };
        end(2);
        awaitCount(Result.SENT, 2);
        collector.behaviour = FakeTraceCollector.TAKES;
        end(1);
        awaitCount(Result.SENT, 3);
    }

    static Stream<Arguments> noAnswers() {
        FakeTraceCollector.Behaviour never = (_, _) -> new CountDownLatch(1).await();
        return Stream.of(
                Arguments.of("never", never),
                Arguments.of("cut", (FakeTraceCollector.Behaviour) (socket, _) -> {
                    socket.setSoLinger(true, 0);
                    socket.close();
                }),
                Arguments.of("half a head", FakeTraceCollector.says("HTTP/1.1 200 OK\r\nConte")),
                Arguments.of("no HTTP", FakeTraceCollector.says("\u001b[31mSSH-2.0\r\n\r\n")),
                Arguments.of("endless head", FakeTraceCollector.says("HTTP/1.1 200 OK\r\nx: " + "x".repeat(100_000))),
                Arguments.of("an octet at a time", (FakeTraceCollector.Behaviour) (_, out) -> {
                    for (char c : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".toCharArray()) {
                        out.write(c);
                        out.flush();
                        Thread.sleep(100);
                    }
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("noAnswers")
    void collectorThatDoesNotAnswerIsAskedAgain(String what, FakeTraceCollector.Behaviour behaviour) {
        collector.behaviour = behaviour;
        end(2);
        await().atMost(SOON).until(() -> collector.requests.size() >= 2);
        assertThat(metrics.count(Result.SENT)).isZero();
        collector.behaviour = FakeTraceCollector.TAKES;
        awaitCount(Result.SENT, 2);
    }

    @Test
    void collectorThatReadsNothingIsLeft() throws Exception {
        try (ServerSocket deaf = new ServerSocket(0)) {
            restart(URI.create("http://127.0.0.1:" + deaf.getLocalPort()), Optional.empty(), Duration.ofSeconds(1));
            end(2000);
            await().atMost(SOON).until(() -> metrics.count(Result.FAILED) > 0);
        }
    }

    @Test
    void deadCollectorCostsTheSpansThatFindNoRoomAndNobodyWaits() throws Exception {
        int port;
        try (ServerSocket gone = new ServerSocket(0)) {
            port = gone.getLocalPort();
        }
        restart(URI.create("http://127.0.0.1:" + port), Optional.empty(), Duration.ofMinutes(1));
        int all = 200_000;
        long begun = System.nanoTime();
        end(all);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
        long kept = LoopRing.SLOTS + SpanQueue.BATCH_SPANS_MAX;
        assertThat(metrics.count(Result.DROPPED)).isBetween(all - 2 * kept, all - (long) LoopRing.SLOTS);
        exporter.finish(Duration.ofMillis(200));
    }

    @Test
    void spanThatIsAsGoodAsAUserWaitsAndSoDoItsChildren() {
        held.add(7L);
        end(new Span(7, 5));
        end(new Span(8, 7));
        end(new Span(9, 8));
        awaitCount(Result.SENT, 1);
        await().pollDelay(Duration.ofMillis(2500)).atMost(SOON).until(() -> true);
        assertThat(collector.spans()).extracting(Otlp.Seen::span).containsExactly("0000000000000009");
        held.clear();
        awaitCount(Result.SENT, 3);
        assertThat(collector.spans())
                .extracting(Otlp.Seen::span)
                .containsExactly("0000000000000009", "0000000000000007", "0000000000000008");
    }

    @Test
    void forAsManyAsMayNotLeaveThereIsRoomAndNoMore() {
        held.add(7L);
        for (int i = 0; i < 3 * SpanQueue.WAITING_SPANS_MAX; i++) {
            end(new Span(100 + i, 7));
            if (i % 1000 == 0) {
                int all = i;
                await().atMost(SOON)
                        .until(() -> metrics.count(Result.DROPPED) >= all - SpanQueue.WAITING_SPANS_MAX - 1000);
            }
        }
        await().atMost(SOON).until(() -> metrics.count(Result.DROPPED) >= 2 * SpanQueue.WAITING_SPANS_MAX);
        assertThat(collector.requests).isEmpty();
        exporter.finish(Duration.ofSeconds(1));
        assertThat(metrics.count(Result.DROPPED)).isEqualTo(3 * SpanQueue.WAITING_SPANS_MAX);
        assertThat(collector.requests).isEmpty();
    }

    @Test
    void whatIsLeftIsSentAtTheStop() {
        end(600);
        exporter.finish(Duration.ofSeconds(5));
        assertThat(metrics.count(Result.SENT)).isEqualTo(600);
    }

    @Test
    void stopWaitsForNobodyWhoDoesNotAnswer() {
        collector.behaviour = (_, _) -> new CountDownLatch(1).await();
        end(600);
        long begun = System.nanoTime();
        exporter.finish(Duration.ofMillis(700));
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(3));
    }

    private static Path headers(Path folder, String text, String mode) throws IOException {
        Path file = folder.resolve("headers");
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void headersOfTheFileAreSentAndReadAgainWhenItChanges(@TempDir Path folder) throws Exception {
        Path file = headers(folder, "# of the collector\napi-key: first\n\nX-Tenant:  a b \n", "rw-------");
        restart(collector.url(), Optional.of(file), SOON);
        end(1);
        awaitCount(Result.SENT, 1);
        assertThat(collector.requests.getFirst().head()).contains("\r\napi-key: first\r\n", "\r\nx-tenant: a b\r\n");
        headers(folder, "api-key: second one\n", "rw-------");
        end(1);
        awaitCount(Result.SENT, 2);
        assertThat(collector.requests.getLast().head())
                .contains("\r\napi-key: second one\r\n")
                .doesNotContain("first", "tenant");
    }

    @Test
    void fileThatOthersMayReadIsNotUsed(@TempDir Path folder) throws Exception {
        Path file = headers(folder, "api-key: secret\n", "rw-r-----");
        restart(collector.url(), Optional.of(file), SOON);
        end(1);
        await().pollDelay(Duration.ofMillis(1500)).atMost(SOON).until(() -> true);
        assertThat(collector.requests).isEmpty();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        awaitCount(Result.SENT, 1);
        assertThat(new String(collector.requests.getFirst().body(), StandardCharsets.ISO_8859_1))
                .doesNotContain("secret");
    }

    @Test
    void rejectedSpansAreReadWhereverTheyStand() {
        assertThat(List.of(
                        PartialSuccess.rejected(new byte[0]),
                        PartialSuccess.rejected(new byte[] {0x0a, 0x02, 0x08, 0x03}),
                        PartialSuccess.rejected(
                                new byte[] {0x12, 0x01, 0x00, 0x0a, 0x05, 0x12, 0x01, 0x41, 0x08, 0x04}),
                        PartialSuccess.rejected(new byte[] {0x0a, 0x0b, 0x08, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}),
                        PartialSuccess.rejected(new byte[] {0x0a, -1, -1, -1, -1, 0x0f}),
                        PartialSuccess.rejected("{\"partialSuccess\":{}}".getBytes(StandardCharsets.UTF_8))))
                .containsExactly(0L, 3L, 4L, 0L, 0L, 0L);
    }
}
