package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.proxy.RawClient.Ended;
import java.nio.file.Path;
import java.util.Map;
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
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The state table of an exchange, row by row, but for its clocks ({@code ExchangeClocksTest}): each ends in one record, with this reason, and nobody ever takes a part for the whole.
 */
@Timeout(30)
class ExchangeStatesTest {
    private static final String CHUNKED_POST =
            "POST /open/1 HTTP/1.1\r\nHost: orders\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";

    private static Hop hop;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        hop = Hop.open(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        hop.close();
    }

    @BeforeEach
    void forget() {
        hop.forget();
    }

    private static void assertRecord(String reason, int status) {
        AuditRecord record = Hop.record(hop.orders);
        assertThat(record.reason).isEqualTo(reason);
        assertThat(record.status).isEqualTo(status);
    }

    /** The application heard the end of what it was sent. */
    private static void assertApplicationCut() {
        await().atMost(Hop.SOON)
                .untilAsserted(() -> assertThat(hop.application.visits)
                        .singleElement()
                        .matches(RawApplication.Visit::ended, "closed"));
    }

    private static RawApplication.Visit visited() {
        await().atMost(Hop.SOON)
                .until(() -> !hop.application.visits.isEmpty()
                        && hop.application.visits.getFirst().received().contains("\r\n\r\n"));
        return hop.application.visits.getFirst();
    }

    // ---- DECIDING ----

    @Test
    void forwardedAndAnsweredIsAllowedAndTheConnectionServesTheNext() throws Exception {
        try (RawClient client = hop.inbound()) {
            assertThat(client.send(Door.head("GET /open/1")).until("ok")).startsWith("HTTP/1.1 200 OK\r\n");
            assertRecord("allowed", 200);
            hop.orders.records.clear();
            assertThat(client.send(Door.head("GET /open/2")).until("ok")).startsWith("HTTP/1.1 200 OK\r\n");
            assertRecord("allowed", 200);
        }
        assertThat(hop.application.visits).as("one connection for both").hasSize(1);
    }

    @Test
    void rejectedWhileDecidingReachesNobody() throws Exception {
        try (RawClient client = hop.inbound()) {
            assertThat(client.send(Door.head("GET /admin/1")).until("}")).startsWith("HTTP/1.1 403 ");
            assertRecord("caller_not_allowed", 403);
            assertThat(hop.application.visits).isEmpty();
            assertThat(client.send(Door.head("GET /open/2")).until("ok"))
                    .as("the connection serves the next")
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    @ParameterizedTest(name = "by a reset: {0}")
    @ValueSource(booleans = {false, true})
    void clientThatGoesWhileDecidingLeavesNothingToForward(boolean reset) throws Exception {
        hop.orders.audit.disk = FakeAudit.Disk.HANGS;
        RawClient client = hop.inbound();
        client.send(Door.head("POST /required", "Content-Length: 5") + "hello");
        await().atMost(Hop.SOON).until(() -> !hop.orders.audit.intents.isEmpty());
        leave(client, reset);
        assertRecord("client_closed", 499);
        hop.orders.audit.intents.getFirst().disk().accept(AuditLog.Outcome.DURABLE);
        hop.orders.settle();
        assertThat(hop.application.visits).isEmpty();
        assertThat(hop.orders.records).hasSize(1);
    }

    private static void leave(RawClient client, boolean reset) throws Exception {
        if (reset) {
            client.cut();
        } else {
            client.close();
        }
    }

    // ---- CONNECTING ----

    @Test
    void applicationThatIsNotThereIsUnavailable() throws Exception {
        RawApplication gone = RawApplication.plain();
        gone.close();
        try (TestSidecar alone = TestSidecar.start(hop.mesh, "orders", gone.address())) {
            alone.learn();
            try (RawClient client = hop.to(alone)) {
                assertThat(client.send(Door.head("POST /open/1", "Content-Length: 5") + "hello")
                                .until("}"))
                        .startsWith("HTTP/1.1 503 ");
                assertThat(Hop.record(alone).reason).isEqualTo("upstream_unavailable");
                assertThat(Hop.record(alone).status).isEqualTo(503);
                assertThat(client.send(Door.head("GET /admin/1")).until("}"))
                        .as("its body was no request")
                        .startsWith("HTTP/1.1 403 ");
            }
        }
    }

    @ParameterizedTest(name = "by a reset: {0}")
    @ValueSource(booleans = {false, true})
    void clientThatGoesWhileConnectingSendsNothingWhenTheConnectionComes(boolean reset) throws Exception {
        try (SlowPeer slow = new SlowPeer(hop)) {
            RawClient client = slow.client();
            client.send("POST /open/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
            slow.awaitConnection();
            leave(client, reset);
            AuditRecord record = Hop.record(slow.caller);
            assertThat(record.reason).isEqualTo("client_closed");
            assertThat(record.status).isEqualTo(499);
            slow.handshake();
            slow.caller.settle();
            assertThat(slow.peer.received()).isEmpty();
            assertThat(slow.caller.records).hasSize(1);
        }
    }

    // ---- RELAYING: the upstream ----

    static Stream<Arguments> failuresBeforeTheResponse() {
        return Stream.of(
                Arguments.of("ended", (RawApplication.Script) RawApplication.Visit::close, "upstream_unavailable", 503),
                Arguments.of("reset", (RawApplication.Script) RawApplication.Visit::cut, "upstream_unavailable", 503),
                Arguments.of("half a head", says("HTTP/1.1 200 OK\r\nConte"), "upstream_protocol", 502),
                Arguments.of("nonsense", says("hello\r\n"), "upstream_protocol", 502),
                Arguments.of("interim only", says("HTTP/1.1 103 Early\r\n\r\n"), "upstream_protocol", 502));
    }

    private static RawApplication.Script says(String bytes) {
        return visit -> visit.send(bytes).close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failuresBeforeTheResponse")
    void upstreamThatFailsBeforeItsResponseIsAnsweredFor(
            String what, RawApplication.Script script, String reason, int status) throws Exception {
        hop.application.script = visit -> {
            visit.request();
            script.run(visit);
        };
        try (RawClient client = hop.inbound()) {
            assertThat(client.send(Door.head("POST /open/1", "Content-Length: 5") + "hello")
                            .until("}"))
                    .contains("HTTP/1.1 " + status + " ");
            assertRecord(reason, status);
            assertThat(hop.application.visits).as("asked once").hasSize(1);
            assertThat(client.send(Door.head("GET /admin/1")).until("}")).startsWith("HTTP/1.1 403 ");
        }
    }

    static Stream<Arguments> failuresWithinTheResponse() {
        String length = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
        String chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
        String close = "HTTP/1.1 200 OK\r\n\r\nhello";
        return Stream.of(
                Arguments.of("length, ended", length, false, "1.1"),
                Arguments.of("length, reset", length, true, "1.1"),
                Arguments.of("chunks, ended", chunks, false, "1.1"),
                Arguments.of("chunks, reset", chunks, true, "1.1"),
                Arguments.of("until close, reset", close, true, "1.1"),
                Arguments.of("length to HTTP/1.0, ended", length, false, "1.0"),
                Arguments.of("chunks to HTTP/1.0, ended", chunks, false, "1.0"),
                Arguments.of("until close to HTTP/1.0, reset", close, true, "1.0"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failuresWithinTheResponse")
    void truncatedResponseNeverLooksWhole(String what, String response, boolean reset, String version)
            throws Exception {
        for (RawClient client : new RawClient[] {hop.inbound(), hop.outbound()}) {
            hop.forget();
            hop.application.script = visit -> {
                visit.request();
                visit.send(response);
            };
            client.send("GET /open/1 HTTP/" + version + "\r\nHost: orders\r\n\r\n");
            String begun = client.until("hello");
            if (reset) {
                visited().cut();
            } else {
                visited().close();
            }
            Ended end = client.ended();
            assertThat(end.cut()).as("after %s%s", begun, end.text()).isTrue();
            assertThat(end.text()).isIn("", "\r\n");
            assertRecord("upstream_protocol", 200);
            await().atMost(Hop.SOON).until(() -> hop.web.dataPath.active() == 0);
            assertThat(hop.web.records).allMatch(record -> "upstream_protocol".equals(record.reason));
        }
    }

    // ---- RELAYING: the client ----

    @Test
    void bodyMalformedBeforeTheResponseIsToldSoAndTheApplicationSeesNoEnd() throws Exception {
        hop.application.script = visit -> visit.until("hello");
        try (RawClient client = hop.inbound()) {
            client.send(CHUNKED_POST);
            visited();
            assertThat(client.send("0x1\r\nGET /open/smuggled HTTP/1.1\r\nHost: orders\r\n\r\n")
                            .ended())
                    .satisfies(end -> assertThat(end.text()).startsWith("HTTP/1.1 400 "))
                    .satisfies(end -> assertThat(end.cut()).isFalse());
        }
        assertRecord("framing_rejected", 400);
        assertApplicationCut();
        assertThat(hop.application.received()).endsWith("5\r\nhello\r\n").doesNotContain("smuggled");
    }

    @Test
    void bodyMalformedWithinTheResponseCutsIt() throws Exception {
        hop.application.script = visit -> visit.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
                + visit.until("hello").substring(0, 2));
        try (RawClient client = hop.inbound()) {
            client.send(CHUNKED_POST).until("\r\n\r\n");
            client.send("nonsense\r\n");
            assertThat(client.ended().cut()).isTrue();
        }
        assertRecord("framing_rejected", 200);
        assertApplicationCut();
    }

    static Stream<Arguments> departures() {
        return Stream.of(
                Arguments.of("before the response", Door.head("GET /open/1"), ""),
                Arguments.of("within its body", CHUNKED_POST, ""),
                Arguments.of(
                        "within the response",
                        Door.head("GET /open/1"),
                        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"),
                Arguments.of(
                        "within both",
                        CHUNKED_POST,
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("departures")
    void clientThatGoesWhileRelayingTakesItsRequestAlong(String when, String request, String response)
            throws Exception {
        for (boolean reset : new boolean[] {false, true}) {
            hop.forget();
            hop.application.script = visit -> {
                visit.until("\r\n\r\n");
                visit.send(response);
            };
            RawClient client = hop.inbound().send(request);
            visited();
            if (!response.isEmpty()) {
                client.until("hello");
            }
            leave(client, reset);
            assertRecord("client_closed", response.isEmpty() ? 499 : 200);
            assertApplicationCut();
            assertThat(hop.application.received()).doesNotContain("0\r\n\r\n");
        }
    }

    /** Over TLS the end of either half is the end: nothing can be answered any more, so nothing may be on record as answered. */
    @Test
    void closeNotifyOfTheClientIsItsEnd() throws Exception {
        hop.application.script = visit -> visit.until("\r\n\r\n");
        try (RawClient client = hop.inbound().send(Door.head("GET /open/1"))) {
            RawApplication.Visit visit = visited();
            client.notifyClose();
            assertRecord("client_closed", 499);
            await().atMost(Hop.SOON).until(visit::ended);
        }
    }
}
