package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.Headers;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.testing.TestLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Attacks by raw bytes, over TLS on the inbound side and in the clear on the outbound side: refused, closed, recorded once, not one byte upstream. */
@Timeout(30)
class FramingTest {
    private static final String SMUGGLED = "GET /open/smuggled HTTP/1.1\r\nHost: orders\r\n\r\n";

    private static TestMesh mesh;
    private static TestApplication application;
    private static TestSidecar web;
    private static TestSidecar orders;
    private static X509Svid webSvid;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        mesh = TestMesh.open(folder);
        application = new TestApplication();
        Limits hurried = TestLimits.with(Map.of(
                "requestHead", Duration.ofMillis(300),
                "responseHead", Duration.ofMillis(700),
                "bodyProgress", Duration.ofMillis(700)));
        orders =
                TestSidecar.start(mesh, "orders", mesh.svid(TestMesh.pathOf("orders")), application.address(), hurried);
        web = TestSidecar.start(mesh, "web", application.address());
        webSvid = mesh.svid("/ns/edge/sa/web");
        mesh.endpoint("orders", orders.inbound());
        orders.learn();
        web.learn();
    }

    @AfterAll
    static void stop() {
        web.close();
        orders.close();
        application.close();
    }

    @BeforeEach
    void forget() {
        await().atMost(Duration.ofSeconds(5)).until(() -> orders.dataPath.active() == 0 && web.dataPath.active() == 0);
        application.seen.clear();
        web.records.clear();
        orders.records.clear();
    }

    private static RawClient inbound() throws Exception {
        return RawClient.tls(
                orders.inbound(), Optional.of(webSvid), mesh.authority.trustBundle(), "8080.orders.shop.example");
    }

    private static AuditRecord only(TestSidecar sidecar) {
        await().atMost(Duration.ofSeconds(5)).until(() -> !sidecar.records.isEmpty());
        assertThat(sidecar.records).hasSize(1);
        return sidecar.records.getFirst();
    }

    static Stream<Arguments> attacks() {
        String post = "POST /open/1 HTTP/1.1\r\nHost: orders\r\n";
        return Stream.of(
                Arguments.of(
                        "CL and TE",
                        "framing_rejected",
                        post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of("two CL", "framing_rejected", post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd"),
                Arguments.of(
                        "TE twice",
                        "framing_rejected",
                        post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
                Arguments.of(
                        "two Hosts",
                        "framing_rejected",
                        "GET /open/1 HTTP/1.1\r\nHost: orders\r\nHost: payment\r\n\r\n"),
                Arguments.of(
                        "folded field",
                        "framing_rejected",
                        "GET /open/1 HTTP/1.1\r\nHost: orders\r\nX: a\r\n b\r\n\r\n"),
                Arguments.of(
                        "bad chunk",
                        "framing_rejected",
                        post + "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n"),
                Arguments.of(
                        "upgrade",
                        "framing_rejected",
                        "GET /open/1 HTTP/1.1\r\nHost: orders\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"),
                Arguments.of("CONNECT", "framing_rejected", "CONNECT orders:8080 HTTP/1.1\r\nHost: orders\r\n\r\n"),
                Arguments.of("TRACE", "framing_rejected", "TRACE /open/1 HTTP/1.1\r\nHost: orders\r\n\r\n"),
                Arguments.of("dot segment", "path_rejected", "GET /open/../internal HTTP/1.1\r\nHost: orders\r\n\r\n"),
                Arguments.of("encoded slash", "path_rejected", "GET /open%2finternal HTTP/1.1\r\nHost: orders\r\n\r\n"),
                Arguments.of(
                        "other authority",
                        "path_rejected",
                        "GET http://payment/open/1 HTTP/1.1\r\nHost: orders\r\n\r\n"),
                Arguments.of("lower-case method", "path_rejected", "get /open/1 HTTP/1.1\r\nHost: orders\r\n\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void attackIsRefusedOnBothSides(String what, String reason, String bytes) throws Exception {
        assertThat(inbound().ask(bytes + SMUGGLED))
                .as(what)
                .startsWith("HTTP/1.1 400 ")
                .contains("connection: close")
                .doesNotContain("200 OK");
        assertThat(only(orders).reason).isEqualTo(reason);
        assertThat(RawClient.plain(web.upstream("orders")).ask(bytes + SMUGGLED))
                .startsWith("HTTP/1.1 400 ")
                .doesNotContain("200 OK");
        assertThat(only(web).reason).isEqualTo(reason);
        assertThat(application.seen)
                .noneMatch(seen ->
                        seen.target().contains("smuggled") || seen.target().contains("internal"));
    }

    @Test
    void headThatIsTooLargeIsToldSo() throws Exception {
        assertThat(inbound().ask("GET /open/1 HTTP/1.1\r\nHost: orders\r\nX: " + "x".repeat(40_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ");
        assertThat(only(orders).reason).isEqualTo("head_too_large");
    }

    @Test
    void headThatNeverEndsTimesOut() throws Exception {
        try (RawClient slow = inbound()) {
            assertThat(slow.send("GET /open/1 HTTP/1.1\r\nHo").rest()).startsWith("HTTP/1.1 408 ");
        }
        assertThat(only(orders).reason).isEqualTo("client_timeout");
    }

    @Test
    void bodyThatNeverEndsTimesOut() throws Exception {
        try (RawClient slow = inbound()) {
            assertThat(slow.send("POST /open/1 HTTP/1.1\r\nHost: orders\r\nContent-Length: 5\r\n\r\nab")
                            .rest())
                    .startsWith("HTTP/1.1 408 ");
        }
        assertThat(only(orders).reason).isEqualTo("client_timeout");
    }

    @Test
    void applicationThatNeverAnswersTimesOut() throws Exception {
        application.answer = exchange -> {
            try {
                Thread.sleep(Duration.ofSeconds(2)); // Longer than responseHead; the answer comes too late for anybody.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        try (RawClient client = inbound()) {
            assertThat(client.send("GET /open/1 HTTP/1.1\r\nHost: orders\r\n\r\n")
                            .until("}"))
                    .startsWith("HTTP/1.1 504 ");
        } finally {
            application.answer = TestApplication.ECHO;
        }
        assertThat(only(orders).reason).isEqualTo("upstream_timeout");
    }

    @Test
    void identityHeadersOfAStrangerNeverArriveWhateverTheirSpelling() throws Exception {
        List<String> spoofs = List.of(
                "X-Forwarded-Client-Cert: URI=spiffe://shop.example/ns/ops/sa/admin",
                "x_forwarded_client_cert: spoofed",
                "x-forwarded-client_cert: spoofed",
                "X-SALLYPORT-USER: spoofed",
                "X_Sallyport_User: spoofed",
                "x-sallyport_roles:\tspoofed\t",
                "x-sallyport-anything: spoofed",
                "Txn-Token: spoofed",
                "txn_token: spoofed",
                "x-forwarded-client-cert: spoofed",
                "Connection: x-forwarded-client-cert, x-sallyport-user, authorization, host, traceparent",
                "Proxy-Authorization: spoofed",
                "Keep-Alive: spoofed");
        String request = "POST /open/1 HTTP/1.1\r\nHost: orders\r\n" + String.join("\r\n", spoofs)
                + "\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "1\r\na\r\n0\r\nx-sallyport-user: spoofed\r\nAuthorization: spoofed\r\n\r\n";
        for (RawClient client : List.of(inbound(), RawClient.plain(web.upstream("orders")))) {
            application.seen.clear();
            assertThat(client.ask(request)).startsWith("HTTP/1.1 200 ");
            Headers seen = application.last().headers();
            assertThat(seen.toString()).doesNotContain("spoofed").doesNotContain("admin");
            assertThat(seen.get("x-forwarded-client-cert"))
                    .singleElement()
                    .asString()
                    .endsWith("URI=spiffe://shop.example/ns/edge/sa/web");
            assertThat(seen.getFirst("host")).isEqualTo("orders");
            assertThat(seen.getFirst("traceparent")).isNotNull();
        }
    }

    @Test
    void offerOfHttp2InTheClearIsNotTakenUp() throws Exception {
        assertThat(
                        inbound()
                                .ask(
                                        "GET /open/1 HTTP/1.1\r\nHost: orders\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(application.last().headers().keySet()).doesNotContain("Upgrade", "Http2-settings");
    }
}
