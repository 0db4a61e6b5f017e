package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.RawClient.Ended;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The clocks of an exchange's state table: whoever makes it wait too long is named on record, and a connection older than it may be is ended whatever is under way. */
@Timeout(30)
class ExchangeClocksTest {
    private static final String POST = "POST /open/1 HTTP/1.1\r\nHost: orders\r\n";

    private static Hop hop;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        hop = Hop.open(
                folder,
                Map.of(
                        "responseHead", Duration.ofMillis(300),
                        "bodyProgress", Duration.ofMillis(300),
                        "auditRecord", Duration.ofMillis(200)));
    }

    @AfterAll
    static void stop() {
        hop.close();
    }

    @BeforeEach
    void forget() {
        hop.forget();
    }

    private static AuditRecord assertRecord(String reason, int status) {
        AuditRecord record = Hop.record(hop.orders);
        assertThat(record.reason).isEqualTo(reason);
        assertThat(record.status).isEqualTo(status);
        return record;
    }

    private static void assertApplicationCut() {
        await().atMost(Hop.SOON)
                .untilAsserted(() -> assertThat(hop.application.visits)
                        .isNotEmpty()
                        .allMatch(RawApplication.Visit::ended, "closed"));
    }

    @Test
    void answerThatComesTooLateForADecisionForwardsNothing() throws Exception {
        hop.orders.audit.disk = FakeAudit.Disk.HANGS;
        try (RawClient client = hop.inbound()) {
            client.send(Door.head("POST /required", "Content-Length: 5") + "hello");
            assertThat(client.until("}")).startsWith("HTTP/1.1 503 ");
            assertRecord("audit_unavailable", 503);
            hop.orders.audit.intents.getFirst().disk().accept(AuditLog.Outcome.DURABLE);
            hop.orders.settle();
            assertThat(hop.application.visits).isEmpty();
            hop.orders.audit.disk = FakeAudit.Disk.WRITES;
            assertThat(client.send(Door.head("GET /open/1")).until("ok")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void connectionThatDoesNotComeInTimeIsATimeOut() throws Exception {
        try (RawApplication silent = RawApplication.tls(hop.context("orders")).held();
                TestSidecar caller = hop.webTo(
                        Map.of("connect", Duration.ofMillis(200), "handshake", Duration.ofMillis(200)),
                        silent.address());
                RawClient client = RawClient.plain(caller.upstream("orders"))) {
            client.send(Door.head("GET /open/1"));
            assertThat(client.until("}")).startsWith("HTTP/1.1 504 ");
            assertThat(Hop.record(caller).reason).isEqualTo("upstream_timeout");
            silent.release();
            caller.settle();
            assertThat(silent.received()).isEmpty();
        }
    }

    static Stream<Arguments> silences() {
        String length = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
        String chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
        String half = POST + "Content-Length: 9\r\n\r\nhell";
        String halfChunked = POST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel";
        return Stream.of(
                Arguments.of("no response head", Door.head("GET /open/1"), "", "upstream_timeout", 504),
                Arguments.of("half a response head", Door.head("GET /open/1"), "HTTP/1.1 2", "upstream_timeout", 504),
                Arguments.of("half a response", Door.head("GET /open/1"), length, "upstream_timeout", 200),
                Arguments.of("half a chunked response", Door.head("GET /open/1"), chunks, "upstream_timeout", 200),
                Arguments.of("half a body", half, "", "client_timeout", 408),
                Arguments.of("half a chunk", halfChunked, "", "client_timeout", 408));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("silences")
    void whoeverFallsSilentEndsTheExchange(String what, String request, String response, String reason, int status)
            throws Exception {
        hop.application.script = visit -> {
            visit.until("\r\n\r\n");
            visit.send(response);
        };
        try (RawClient client = hop.inbound().send(request)) {
            if (status == 200) {
                client.until("hello");
                assertThat(client.ended())
                        .satisfies(end -> assertThat(end.cut()).isTrue());
            } else {
                assertThat(client.until("}")).startsWith("HTTP/1.1 " + status + " ");
            }
            assertRecord(reason, status);
            assertApplicationCut();
            assertThat(hop.application.received()).doesNotContain("0\r\n\r\n");
        }
    }

    @Test
    void applicationThatDoesNotTakeTheBodyIsTheUpstreamsFault() throws Exception {
        hop.application.script = RawApplication.Visit::deafen;
        try (RawClient client = hop.inbound()) {
            client.send(POST + "Content-Length: 100000000\r\n\r\n");
            Thread.ofVirtual().start(() -> {
                try {
                    String piece = "x".repeat(1 << 20);
                    for (int i = 0; i < 90; i++) {
                        client.send(piece);
                    }
                } catch (java.io.IOException answered) {
                    // Long before it is sent.
                }
            });
            assertThat(client.until("}")).startsWith("HTTP/1.1 504 ");
        }
        assertThat(assertRecord("upstream_timeout", 504).requestBytes).isLessThan(100_000_000);
    }

    /** Many requests at once and nothing read: one response too many is written and cannot be flushed. */
    private static RawClient stuck(TestSidecar caller) throws Exception {
        hop.application.script = visit -> {
            while (true) {
                visit.request();
                visit.send("HTTP/1.1 200 OK\r\nContent-Length: 16384\r\n\r\n" + "x".repeat(16_384));
            }
        };
        return RawClient.narrow(caller.upstream("orders"))
                .send(Door.head("GET /open/1").repeat(1000));
    }

    private static void assertOnlyTheLastFailed(TestSidecar caller, String reason, String detail) {
        List<AuditRecord> records = caller.records;
        assertThat(records.getLast().reason).isEqualTo(reason);
        assertThat(records.getLast().detail).isEqualTo(detail);
        assertThat(records.getLast().status).isEqualTo(200);
        assertThat(records.subList(0, records.size() - 1)).allMatch(record -> "allowed".equals(record.reason));
        assertThat(hop.orders.records).as("what came after it was never begun").hasSize(records.size());
    }

    @Test
    void clientThatDoesNotReadItsLastBytesIsCut() throws Exception {
        try (RawClient client = stuck(hop.web)) {
            await().atMost(Duration.ofSeconds(10))
                    .until(() ->
                            !hop.web.records.isEmpty() && "client_timeout".equals(hop.web.records.getLast().reason));
            assertThat(client.ended().cut()).isTrue();
            assertOnlyTheLastFailed(hop.web, "client_timeout", "response not read");
        }
    }

    @Test
    void clientThatLeavesBeforeItsLastBytesIsNotOnRecordAsServed() throws Exception {
        try (TestSidecar patient = hop.webTo(hop.orders.inbound());
                RawClient client = stuck(patient)) {
            AtomicInteger before = new AtomicInteger(-1);
            await().atMost(Duration.ofSeconds(10))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> before.getAndSet(patient.records.size()) == patient.records.size());
            client.cut();
            await().atMost(Hop.SOON).until(() -> patient.dataPath.active() == 0);
            assertOnlyTheLastFailed(patient, "client_closed", "client closed the connection");
        }
    }

    @Test
    void connectionOlderThanItMayBeIsRetiredWhenIdleAndCutWhenBusy() throws Exception {
        hop.application.script = visit -> visit.send(
                "HTTP/1.1 200 OK\r\nContent-Length: " + visit.until("\r\n\r\n").length() + "\r\n\r\nhello");
        try (TestSidecar mortal = TestSidecar.start(
                        hop.mesh,
                        "orders",
                        hop.mesh.svid(TestMesh.pathOf("orders")),
                        hop.application.address(),
                        dev.sallyport.proxy.testing.TestLimits.with(Map.of("connectionAge", Duration.ofSeconds(1))));
                RawClient idle = hop.to(mortal);
                RawClient busy = hop.to(mortal)) {
            mortal.learn();
            idle.handshake();
            busy.send(Door.head("GET /open/1"));
            assertThat(idle.ended()).isEqualTo(new Ended("", false));
            busy.until("hello");
            assertThat(busy.ended()).isEqualTo(new Ended("", true));
            AuditRecord record = Hop.record(mortal);
            assertThat(record.reason).isEqualTo("draining");
            assertThat(record.detail).contains("as old as it may be");
            assertApplicationCut();
        }
    }

    /** Nobody keeps an identity longer than its certificate by staying connected. */
    @Test
    void connectionEndsWithTheCertificateOfItsCaller() throws Exception {
        hop.application.script = visit -> visit.until("\r\n\r\n");
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        X509Svid brief = X509Svid.of(
                hop.mesh
                        .authority
                        .issue(
                                CertificateSigningRequest.der(keys),
                                hop.mesh.trustDomain.id(TestMesh.pathOf("web")),
                                Duration.ofSeconds(2))
                        .chain(),
                keys.getPrivate());
        SSLContext context = RawClient.context(brief, hop.mesh.authority.trustBundle());
        try (RawClient idle = RawClient.tls(hop.orders.inbound(), context, "8080.orders.shop.example");
                RawClient busy = RawClient.tls(hop.orders.inbound(), context, "8080.orders.shop.example")) {
            idle.handshake();
            busy.send(Door.head("POST /open/1", "Content-Length: 100000000") + "hello");
            Thread sender = Thread.ofVirtual().start(() -> busy.trickle(Duration.ofMillis(50)));
            assertThat(idle.ended()).isEqualTo(new Ended("", false));
            assertThat(busy.ended()).isEqualTo(new Ended("", true));
            sender.interrupt();
            assertThat(Instant.now()).isAfterOrEqualTo(brief.notAfter());
            assertThat(assertRecord("draining", 503).detail).isEqualTo("certificate ends");
        }
        assertApplicationCut();
    }
}
