package dev.sallyport.proxy.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.document.HostPort;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.access.Taps;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.telemetry.AccessMetrics;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.Observer;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.Span;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /tap} as its reader sees it: through a listener, byte by byte. */
@Timeout(60)
class TapPageTest {
    private static final HostPort FREE = new HostPort("127.0.0.1", 0);
    private static final String TOKEN = "f".repeat(64);
    private static final String WITH_TOKEN = AdminPages.TOKEN_HEADER + ": " + TOKEN + "\r\n";
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Transport transport = Transport.open("test", 1);
    private final PageThread making = new PageThread();
    private final AccessMetrics metrics = new ProxyMetrics().access();
    private final AtomicLong now = new AtomicLong();
    private final Taps taps = new Taps(metrics, now::get);
    private final Observer observer = taps.on(Direction.INBOUND);
    private final RequestHead head = new RequestHead(Limits.standard());
    private final List<Reader> readers = new ArrayList<>();
    private PageServer server;

    @BeforeEach
    void start() throws IOException {
        AdminPages pages = new AdminPages(
                _ -> Optional.empty(), new LoggingPage(Clock.systemUTC()), new TapPage(taps), TOKEN, () -> {});
        server = PageServer.bind(transport, FREE, pages, making);
    }

    @AfterEach
    void stop() throws IOException {
        for (Reader reader : readers) {
            reader.close();
        }
        making.shutdown();
        transport.loops().shutdownGracefully(20, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2000);
    }

    /** One request, and its answer as it comes. */
    private static final class Reader implements AutoCloseable {
        private final Socket socket = new Socket();
        private final InputStream in;
        final String head;

        Reader(HostPort address, String request) throws IOException {
            socket.setReceiveBufferSize(1 << 16); // Little waits in the kernel.
            socket.setSoTimeout((int) SOON.toMillis());
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), address.port()));
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            in = new BufferedInputStream(socket.getInputStream());
            StringBuilder lines = new StringBuilder();
            for (String line = line(); !line.isEmpty(); line = line()) {
                lines.append(line).append('\n');
            }
            head = lines.toString();
        }

        /** Up to CR LF, and nothing but that ends it. */
        private String line() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int next = in.read(); next != '\r'; next = in.read()) {
                assertThat(next).as("byte of a line, after '%s'", line).isGreaterThanOrEqualTo(0x20);
                line.write(next);
            }
            assertThat(in.read()).isEqualTo('\n');
            return line.toString(US_ASCII);
        }

        /** The next one's data; empty: the last (RFC 9112 section 7.1). */
        String chunk() throws IOException {
            int length = Integer.parseInt(line(), 16);
            String data = new String(in.readNBytes(length), US_ASCII);
            assertThat(data).hasSize(length);
            assertThat(line()).isEmpty();
            return data;
        }

        /** So many, each of them whole. */
        List<String> lines(int count) throws IOException {
            List<String> lines = new ArrayList<>();
            while (lines.size() < count) {
                String chunk = chunk();
                assertThat(chunk).startsWith("{").endsWith("}\n");
                lines.addAll(chunk.lines().toList());
            }
            return lines;
        }

        boolean atEnd() throws IOException {
            return in.read() < 0;
        }

        String body() throws IOException {
            return new String(in.readAllBytes(), US_ASCII);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private Reader ask(String requestLine, String fields) throws IOException {
        Reader reader = new Reader(
                server.address(), requestLine + "\r\nHost: localhost\r\nConnection: close\r\n" + fields + "\r\n");
        readers.add(reader);
        return reader;
    }

    private Reader tap(String query) throws IOException {
        return ask("GET /tap" + query + " HTTP/1.1", WITH_TOKEN);
    }

    private void end(String id, String path) {
        AuditRecord record = new AuditRecord(id, Instant.EPOCH, AuditRecord.Direction.INBOUND);
        record.verdict = AuditRecord.Verdict.DENY;
        record.path = path;
        observer.ended(record, Reason.NO_ROUTE, head, Span.NONE);
    }

    private void end(int count) {
        for (int i = 0; i < count; i++) {
            end("D" + i, "/");
        }
    }

    @Test
    void linesComeInChunksAsTheirRequestsEnd() throws IOException {
        Reader reader = tap("");
        assertThat(reader.head)
                .startsWith("HTTP/1.1 200 OK\n")
                .contains("content-type: application/x-ndjson\n", "transfer-encoding: chunked\n", "connection: close\n")
                .contains("cache-control: no-store\n")
                .doesNotContain("content-length");
        end("FIRST", "/");
        assertThat(reader.lines(1)).singleElement().asString().contains("\"FIRST\"", "\"reason\":\"no_route\"");
        end("SECOND", "/\r\n0\r\n\r\n");
        end("THIRD", "/");
        assertThat(reader.lines(2)).first().asString().contains("\"SECOND\"", "/\\u000d\\u000a0");
        assertThat(metrics.sent.sum()).isEqualTo(3);
    }

    @Test
    void beyondTheRateLinesAreCountedAndSaid() throws IOException {
        Reader reader = tap("?perSecond=2");
        end(5);
        assertThat(reader.lines(2)).allMatch(line -> line.contains("decision_id"));
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(reader.lines(1)).containsExactly("{\"skipped\":3}");
        end("NEXT", "/");
        assertThat(reader.lines(1).getFirst()).contains("NEXT");
    }

    @Test
    void slowReaderLosesLinesAndTakesNoMemory() throws IOException {
        String path = "/" + "\u00e9".repeat(1000); // 6 KB a line
        Reader reader = tap("?perSecond=1000");
        AtomicLong ended = new AtomicLong();
        AtomicLong sentBefore = new AtomicLong(-1);
        await().atMost(SOON)
                .during(Duration.ofMillis(500))
                .until(
                        () -> { // Until nothing more is taken for him.
                            now.addAndGet(Duration.ofSeconds(1).toNanos());
                            for (int i = 0; i < 1000; i++) {
                                end("D", path);
                            }
                            ended.addAndGet(1000);
                            return sentBefore.getAndSet(metrics.sent.sum()) == metrics.sent.sum();
                        });
        for (int i = 0; i < 100_000; i++) { // 600 MB, were they kept
            end("D", path);
        }
        ended.addAndGet(100_000);
        assertThat(metrics.sent.sum()).isEqualTo(sentBefore.get()).isLessThan(ended.get() / 2);
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        long lines = 0;
        long skipped = 0;
        while (lines + skipped < ended.get()) {
            now.addAndGet(Duration.ofSeconds(1).toNanos());
            for (String line : reader.lines(1)) {
                if (line.startsWith("{\"skipped\":")) {
                    skipped += Long.parseLong(line.substring(11, line.length() - 1));
                } else {
                    lines++;
                }
            }
        }
        assertThat(lines + skipped).isEqualTo(ended.get());
        assertThat(skipped).isGreaterThanOrEqualTo(100_000 - 1000).isEqualTo(metrics.skipped.sum());
    }

    @Test
    void fifthIsRefusedUntilAReaderIsGone() throws IOException {
        for (int i = 0; i < Taps.MAX; i++) {
            assertThat(tap("").head).startsWith("HTTP/1.1 200");
        }
        Reader fifth = tap("");
        assertThat(fifth.head).startsWith("HTTP/1.1 429");
        assertThat(fifth.body()).isEqualTo("taps: 4 are open (expected: fewer; end one of them)\n");
        readers.getFirst().close();
        await().atMost(SOON).until(() -> tap("").head.startsWith("HTTP/1.1 200"));
    }

    @Test
    void drainTellsWhatIsLeftAndEndsIt() throws IOException {
        Reader reader = tap("?perSecond=1");
        end("LEFT", "/");
        end("BEYOND", "/");
        taps.end();
        assertThat(reader.lines(2)).last().isEqualTo("{\"skipped\":1}");
        assertThat(reader.chunk()).isEmpty();
        assertThat(reader.atEnd()).isTrue();
    }

    @Test
    void drainLosesNothingOfWhatIsWaiting() throws IOException {
        Reader reader = tap("?perSecond=1000");
        for (int i = 0; i < 900; i++) {
            end("D" + i, "/" + "x".repeat(1000)); // More than one chunk holds.
        }
        taps.end();
        assertThat(reader.lines(900)).hasSize(900).last().asString().contains("\"D899\"");
        assertThat(reader.chunk()).isEmpty();
        Reader late = tap("");
        assertThat(late.head).startsWith("HTTP/1.1 503");
        assertThat(late.body()).contains("draining");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''",
                "x-sallyport-admin-token:",
                "x-sallyport-admin-token: wrong",
                "x-sallyport-admin-token: TOKENf",
                "Authorization: Bearer TOKEN",
                "x-sallyport-admin-token: TOKEN;x-sallyport-admin-token: TOKEN",
            })
    void nobodyListensWithoutTheToken(String fields) throws IOException {
        String sent = fields.isEmpty() ? "" : fields.replace("TOKEN", TOKEN).replace(";", "\r\n") + "\r\n";
        for (int i = 0; i <= Taps.MAX; i++) { // Not a place is taken.
            Reader refused = ask("GET /tap HTTP/1.1", sent);
            assertThat(refused.head).startsWith("HTTP/1.1 403");
            assertThat(refused.body())
                    .contains("expected: the content of admin-token")
                    .doesNotContain(TOKEN);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "?deny=true | parameter 'deny' (expected: denied, service-route, caller, perSecond, each once)",
                "?denied=true&denied=false | parameter 'denied' (expected: denied, service-route, caller, perSecond, each once)",
                "?denied=yes | denied: 'yes' (expected: true or false)",
                "?denied= | denied: '' (expected: true or false)",
                "?perSecond=0 | perSecond: '0' (expected: 1 to 1000)",
                "?perSecond=1001 | perSecond: '1001' (expected: 1 to 1000)",
                "?perSecond=-1 | perSecond: '-1' (expected: 1 to 1000)",
                "?perSecond=%D9%A1 | perSecond: '?' (expected: 1 to 1000)",
                "?%1b[31m=1 | parameter '?[31m' (expected: denied, service-route, caller, perSecond, each once)",
            })
    void whatIsNotUnderstoodIsRefusedByName(String query, String sentence) throws IOException {
        for (int i = 0; i <= Taps.MAX; i++) {
            Reader refused = tap(query);
            assertThat(refused.head).startsWith("HTTP/1.1 400");
            assertThat(refused.body()).isEqualTo(sentence + "\n");
        }
    }

    @Test
    void otherMethodsAndReadersWithoutChunksAreRefused() throws IOException {
        assertThat(ask("POST /tap HTTP/1.1", WITH_TOKEN + "Content-Length: 0\r\n").head)
                .startsWith("HTTP/1.1 405");
        for (int i = 0; i <= Taps.MAX; i++) { // Each gives its place back.
            assertThat(ask("GET /tap HTTP/1.0", WITH_TOKEN).head)
                    .startsWith("HTTP/1.1 505")
                    .doesNotContain("chunked");
        }
    }

    @Test
    void defectEndsTheAnswerWithoutPretendingThatItIsComplete() throws IOException {
        AtomicBoolean closed = new AtomicBoolean();
        PageStream broken = new PageStream() {
            @Override
            public byte[] read() {
                throw new IllegalStateException("broken on purpose");
            }

            @Override
            public boolean ended() {
                return false;
            }

            @Override
            public void close() {
                closed.set(true);
            }
        };
        server = PageServer.bind(transport, FREE, _ -> Page.lines(broken), making);
        assertThat(ask("GET / HTTP/1.1", "").body()).isEmpty();
        await().atMost(SOON).untilTrue(closed);
    }
}
