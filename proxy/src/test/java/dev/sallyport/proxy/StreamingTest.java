package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.document.HostPort;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bodies, and what happens when somebody goes away. */
@Timeout(30)
class StreamingTest {
    private static final int MEGABYTE = 1 << 20;

    private static TestMesh mesh;
    private static TestApplication application;
    private static TestSidecar web;
    private static TestSidecar orders;
    private static HttpClient client;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        mesh = TestMesh.open(folder);
        application = new TestApplication();
        orders = TestSidecar.start(mesh, "orders", application.address());
        web = TestSidecar.start(mesh, "web", application.address());
        mesh.endpoint("orders", orders.inbound());
        orders.learn();
        web.learn();
        client = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        client.close();
        web.close();
        orders.close();
        application.close();
    }

    @BeforeEach
    void forget() throws Exception {
        await().atMost(Duration.ofSeconds(5)).until(() -> orders.dataPath.active() == 0 && web.dataPath.active() == 0);
        mesh.endpoint("orders", orders.inbound());
        web.learn();
        web.records.clear();
        orders.records.clear();
    }

    @AfterEach
    void everyExchangeEnds() {
        application.answer = TestApplication.ECHO;
        await().atMost(Duration.ofSeconds(5)).until(() -> web.dataPath.active() == 0 && orders.dataPath.active() == 0);
        assertThat(web.records).extracting(record -> record.id).doesNotHaveDuplicates();
        assertThat(orders.records).extracting(record -> record.id).doesNotHaveDuplicates();
    }

    private static HttpRequest.Builder to(String target) {
        return HttpRequest.newBuilder(URI.create("http://" + web.upstream("orders") + target))
                .timeout(Duration.ofSeconds(20));
    }

    private static AuditRecord record(TestSidecar sidecar) {
        await().atMost(Duration.ofSeconds(5)).until(() -> !sidecar.records.isEmpty());
        return sidecar.records.getFirst();
    }

    @Test
    void twentyMegabytesPassBothWaysWholeWithAndWithoutALength() throws Exception {
        byte[] body = new byte[20 * MEGABYTE];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) (i * 31 >> 7);
        }
        HttpResponse<byte[]> sized =
                client.send(to("/open/1").POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray());
        assertThat(Arrays.equals(sized.body(), body)).isTrue();
        application.answer = exchange -> {
            byte[] received = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(received);
        };
        HttpResponse<byte[]> chunked = client.send(
                to("/open/1")
                        .POST(BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(body)))
                        .build(),
                BodyHandlers.ofByteArray());
        assertThat(Arrays.equals(chunked.body(), body)).isTrue();
        await().atMost(Duration.ofSeconds(5)).until(() -> orders.records.size() == 2);
        assertThat(orders.records)
                .allMatch(record -> record.requestBytes == body.length && record.responseBytes == body.length);
    }

    @Test
    void readerThatStopsStopsTheWriterInBoundedMemory() throws Exception {
        CountDownLatch written = new CountDownLatch(1);
        application.answer = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] megabyte = new byte[MEGABYTE];
            OutputStream out = exchange.getResponseBody();
            for (int i = 0; i < 40; i++) {
                out.write(megabyte);
            }
            written.countDown();
        };
        try (RawClient slow = RawClient.plain(web.upstream("orders"))) {
            slow.send("GET /open/1 HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");
            assertThat(slow.until("\r\n\r\n")).startsWith("HTTP/1.1 200 ");
            assertThat(written.await(800, TimeUnit.MILLISECONDS))
                    .as("40 MB cannot be in flight while nobody reads")
                    .isFalse();
            assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory())
                    .isLessThan(40L * MEGABYTE);
            long read = 0;
            byte[] buffer = new byte[1 << 16];
            InputStream in = slow.socket().getInputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                read += n;
            }
            assertThat(read).isGreaterThan(40L * MEGABYTE);
        }
        assertThat(record(orders).responseBytes).isEqualTo(40L * MEGABYTE);
        assertThat(record(orders).reason).isEqualTo("allowed");
    }

    @Test
    void applicationThatStopsReadingStopsTheClient() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        application.answer = exchange -> {
            try {
                goOn.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            TestApplication.ECHO.to(exchange);
        };
        try (RawClient client = RawClient.plain(web.upstream("orders"))) {
            client.send("POST /open/1 HTTP/1.1\r\nHost: orders\r\nContent-Length: " + 40 * MEGABYTE + "\r\n\r\n");
            CountDownLatch sent = new CountDownLatch(1);
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 40; i++) {
                        client.socket().getOutputStream().write(new byte[MEGABYTE]);
                    }
                    sent.countDown();
                } catch (java.io.IOException closed) {
                    // The test has seen enough and closed.
                }
            });
            assertThat(sent.await(800, TimeUnit.MILLISECONDS)).isFalse();
            goOn.countDown();
            assertThat(sent.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(client.until("\r\n\r\n")).startsWith("HTTP/1.1 200 ");
            writer.join();
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrderEachWithItsOwnDecision() throws Exception {
        String answers = RawClient.plain(web.upstream("orders"))
                .ask(
                        "POST /open/1 HTTP/1.1\r\nHost: orders\r\nContent-Length: 3\r\n\r\none"
                                + "GET /internal HTTP/1.1\r\nHost: orders\r\n\r\n"
                                + "POST /open/3 HTTP/1.1\r\nHost: orders\r\nContent-Length: 5\r\nConnection: close\r\n\r\nthree");
        assertThat(answers).matches("(?s)HTTP/1.1 200 .*\r\n\r\noneHTTP/1.1 403 .*HTTP/1.1 200 .*\r\n\r\nthree");
        await().atMost(Duration.ofSeconds(5)).until(() -> orders.records.size() == 3 && web.records.size() == 3);
    }

    @Test
    void expectContinueReachesTheApplicationAndBack() throws Exception {
        try (RawClient client = RawClient.plain(web.upstream("orders"))) {
            client.send(
                    "POST /open/1 HTTP/1.1\r\nHost: orders\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
            assertThat(client.until("\r\n\r\n")).startsWith("HTTP/1.1 100 ");
            assertThat(client.send("abc").rest()).startsWith("HTTP/1.1 200 ").endsWith("abc");
        }
        assertThat(
                        RawClient.plain(web.upstream("orders"))
                                .ask(
                                        "POST /refunds HTTP/1.1\r\nHost: orders\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"))
                .as("denied before the body is sent")
                .startsWith("HTTP/1.1 401 ");
    }

    @Test
    void refusedBodyIsDiscardedAndTheConnectionKept() throws Exception {
        try (RawClient client = RawClient.plain(web.upstream("orders"))) {
            for (int i = 0; i < 3; i++) {
                client.send("POST /refunds HTTP/1.1\r\nHost: orders\r\nContent-Length: 4\r\n\r\n");
                assertThat(client.until("}")).startsWith("HTTP/1.1 401 ").doesNotContain("connection: close");
                client.send("GET ");
            }
        }
    }

    @Test
    void clientThatLeavesIsRecordedAsSuchAndItsRequestAbandoned() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        application.answer = exchange -> {
            arrived.countDown();
            try {
                goOn.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.sendResponseHeaders(200, -1);
        };
        try (RawClient client = RawClient.plain(web.upstream("orders"))) {
            client.send("GET /open/1 HTTP/1.1\r\nHost: orders\r\n\r\n");
            assertThat(arrived.await(5, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(record(web).reason).isEqualTo("client_closed");
        assertThat(record(web).status).isEqualTo(499);
        assertThat(record(orders).reason).isEqualTo("client_closed");
        goOn.countDown();
    }

    @Test
    void applicationThatDiesOrTalksNonsenseIsTheUpstreamsFault() throws Exception {
        record Case(String answer, int status, String reason) {}
        for (Case each : new Case[] {
            new Case("", 503, "upstream_unavailable"),
            new Case("nonsense\r\n\r\n", 502, "upstream_protocol"),
            new Case(
                    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
                    502,
                    "upstream_protocol"),
            new Case("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 502, "upstream_protocol"),
            new Case("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", 502, "upstream_protocol"),
            new Case("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", 502, "upstream_protocol"),
            new Case("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100), 502, "upstream_protocol"),
        }) {
            orders.records.clear();
            try (ServerSocket dying = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                    TestSidecar broken =
                            TestSidecar.start(mesh, "orders", new HostPort("127.0.0.1", dying.getLocalPort()))) {
                Thread.ofVirtual().start(() -> answer(dying, each.answer()));
                assertThat(via(broken).statusCode()).as(each.answer()).isEqualTo(each.status());
                assertThat(record(broken).reason).as(each.answer()).isEqualTo(each.reason());
                assertThat(record(broken).verdict).isEqualTo(AuditRecord.Verdict.ERROR);
            }
        }
    }

    private static void answer(ServerSocket server, String answer) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.getInputStream().read(new byte[4096]);
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
            } catch (java.io.IOException closed) {
                return;
            }
        }
    }

    private static HttpResponse<String> via(TestSidecar broken) throws Exception {
        mesh.endpoint("orders", broken.inbound());
        broken.learn();
        web.learn();
        return client.send(to("/open/1").POST(BodyPublishers.ofString("x")).build(), BodyHandlers.ofString());
    }
}
