package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.proxy.RawClient.Ended;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where one message ends and the next begins, on the wire on both sides: Expect, bodiless and interim responses, pipelines, early answers, trailers (RFC 9110, RFC 9112). */
@Timeout(30)
class MessagesTest {
    private static final String SMUGGLED = "GET /open/smuggled HTTP/1.1\r\nHost: orders\r\n\r\n";

    private static Hop hop;

    /** At which door the client stands. */
    enum At {
        INBOUND,
        OUTBOUND;

        RawClient connect() throws Exception {
            return this == INBOUND ? hop.inbound() : hop.outbound();
        }
    }

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

    private static String head(String requestLine, String... fields) {
        return Door.head(requestLine, fields);
    }

    private static void answer(String bytes) {
        hop.application.script = visit -> {
            while (true) {
                visit.request();
                visit.send(bytes);
            }
        };
    }

    private static void assertNextIsServed(RawClient client) throws Exception {
        hop.application.visits.forEach(visit -> assertThat(visit.ended()).isFalse());
        int before = hop.application.visits.size();
        assertThat(client.send(head("GET /admin/next")).until("}"))
                .as("the next one on this connection")
                .startsWith("HTTP/1.1 403 ");
        assertThat(hop.application.visits).hasSize(before);
    }

    // ---- Expect: 100-continue ----

    @ParameterizedTest
    @EnumSource
    void expectationOfAnAllowedRequestIsMetByTheApplication(At at) throws Exception {
        hop.application.script = visit -> {
            visit.until("\r\n\r\n");
            visit.send("HTTP/1.1 100 Continue\r\nX-Sallyport-User: forged\r\n\r\n");
            visit.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + visit.take(5));
        };
        try (RawClient client = at.connect()) {
            client.send(head("POST /open/1", "Expect: 100-continue", "Content-Length: 5"));
            assertThat(client.until("\r\n\r\n")).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            assertThat(hop.application.received())
                    .contains("Expect: 100-continue\r\n")
                    .endsWith("\r\n\r\n");
            assertThat(client.send("hello").until("hello")).startsWith("HTTP/1.1 200 OK\r\n");
            assertNextIsServed(client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void expectationOfADeniedRequestIsRefusedAndItsBodyIsNoRequest(At at) throws Exception {
        try (RawClient client = at.connect()) {
            client.send(head("POST /admin/1", "Expect: 100-continue", "Content-Length: " + SMUGGLED.length()));
            assertThat(client.until("}")).startsWith("HTTP/1.1 403 ").contains("connection: close\r\n");
            Ended end = client.send(SMUGGLED).ended();
            assertThat(end.text()).isEmpty();
        }
        assertThat(Hop.record(hop.orders).reason).isEqualTo("caller_not_allowed");
        assertThat(hop.application.visits).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void expectationThatTheApplicationRefusesIsRefused(At at) throws Exception {
        hop.application.script = visit -> {
            visit.until("\r\n\r\n");
            visit.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno");
        };
        try (RawClient client = at.connect()) {
            client.send(head("POST /open/1", "Expect: 100-continue", "Content-Length: " + SMUGGLED.length()));
            assertThat(client.until("\r\n\r\nno"))
                    .startsWith("HTTP/1.1 417 ")
                    .contains("connection: close\r\n")
                    .doesNotContain("HTTP/1.1 100");
            assertThat(client.send(SMUGGLED).ended().text()).isEmpty();
        }
        assertThat(Hop.record(hop.orders).status).isEqualTo(417);
        assertThat(hop.application.received()).doesNotContain("smuggled");
    }

    // ---- without a body ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HEAD|HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
                "HEAD|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HEAD|HTTP/1.1 200 OK\r\n\r\n",
                "GET|HTTP/1.1 204 No Content\r\n\r\n",
                "GET|HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n",
                "GET|HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
                "GET|HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                "GET|HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
            })
    void responseWithoutABodyEndsWithItsHead(String what) throws Exception {
        String[] parts = what.split("\\|", -1);
        answer(parts[1]);
        for (At at : At.values()) {
            try (RawClient client = at.connect()) {
                for (int i = 0; i < 2; i++) {
                    assertThat(client.send(head(parts[0] + " /open/" + i)).until("\r\n\r\n"))
                            .isEqualTo(parts[1]);
                }
                assertNextIsServed(client);
            }
        }
        assertThat(hop.application.visits).as("one for each event loop").hasSizeLessThanOrEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void refusalOfAHeadRequestIsItsHeadAlone(At at) throws Exception {
        try (RawClient client = at.connect()) {
            assertThat(client.send(head("HEAD /nowhere")).until("\r\n\r\n")).startsWith("HTTP/1.1 403 ");
            assertNextIsServed(client);
        }
    }

    // ---- interim responses ----

    @ParameterizedTest
    @EnumSource
    void hintsComeBeforeTheResponseAndOnlyToThoseWhoKnowThem(At at) throws Exception {
        answer("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nTxn-Token: forged\r\n\r\n" + RawApplication.OK);
        try (RawClient client = at.connect()) {
            assertThat(client.send(head("GET /open/1")).until("\r\n\r\nok"))
                    .startsWith("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\n");
            assertNextIsServed(client);
        }
        try (RawClient client = at.connect()) {
            assertThat(client.ask("GET /open/1 HTTP/1.0\r\nHost: orders\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .doesNotContain("103");
        }
    }

    @ParameterizedTest
    @EnumSource
    void endlessInterimResponsesAreABadGateway(At at) throws Exception {
        hop.application.script = visit -> {
            visit.request();
            while (true) {
                visit.send("HTTP/1.1 102 Processing\r\n\r\n");
            }
        };
        try (RawClient client = at.connect()) {
            assertThat(client.send(head("GET /open/1")).until("}")).contains("HTTP/1.1 502 ");
            assertThat(Hop.record(hop.orders).reason).isEqualTo("upstream_protocol");
        }
        await().atMost(Hop.SOON).until(() -> hop.application.visits.getFirst().ended());
    }

    // ---- one after another ----

    @ParameterizedTest
    @EnumSource
    void pipelineIsAnsweredInOrderEachByItsOwnDecision(At at) throws Exception {
        hop.application.script = visit -> {
            while (true) {
                String request = visit.request();
                String body = request.substring(request.indexOf("\r\n\r\n") + 4);
                visit.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            }
        };
        String pipeline = head("POST /open/1", "Content-Length: 3")
                + "one"
                + head("POST /admin/2", "Content-Length: " + SMUGGLED.length())
                + SMUGGLED
                + head("POST /open/3", "Transfer-Encoding: chunked")
                + "5\r\nthree\r\n0\r\n\r\n"
                + head("GET /open/4", "Connection: close");
        try (RawClient client = at.connect()) {
            assertThat(client.ask(pipeline))
                    .matches(
                            "(?s)HTTP/1.1 200 .*\r\n\r\noneHTTP/1.1 403 .*}HTTP/1.1 200 .*\r\n\r\n5\r\nthree\r\n0\r\n\r\nHTTP/1.1 200 .*");
        }
        await().atMost(Hop.SOON).until(() -> hop.orders.records.size() == 4);
        assertThat(hop.orders.records)
                .extracting(record -> record.reason)
                .containsExactlyInAnyOrder("allowed", "caller_not_allowed", "allowed", "allowed");
        assertThat(hop.application.received()).doesNotContain("smuggled").doesNotContain("/admin");
    }

    @Test
    void clientInTheClearThatEndsItsHalfBehindWholeRequestsIsAnswered() throws Exception {
        try (RawClient client = hop.outbound()) {
            client.send(head("GET /open/1") + head("GET /admin/2") + head("GET /open/3"));
            client.socket().shutdownOutput();
            assertThat(client.ended())
                    .satisfies(end -> assertThat(end.text())
                            .matches("(?s)HTTP/1.1 200 .*\r\n\r\nokHTTP/1.1 403 .*}HTTP/1.1 200 .*\r\n\r\nok"))
                    .satisfies(end -> assertThat(end.cut()).isFalse());
        }
        assertThat(hop.web.records).hasSize(3);
    }

    @Test
    void clientInTheClearThatEndsItsHalfWithinARequestHasGivenUp() throws Exception {
        hop.application.script = visit -> visit.until("hello");
        try (RawClient client = hop.outbound()) {
            client.send(head("POST /open/1", "Content-Length: 10") + "hello");
            await().atMost(Hop.SOON).until(() -> hop.application.received().endsWith("hello"));
            client.socket().shutdownOutput();
            assertThat(client.ended().text()).isEmpty();
            assertThat(Hop.record(hop.web).reason).isEqualTo("client_closed");
        }
        await().atMost(Hop.SOON).until(() -> hop.application.visits.getFirst().ended());
    }

    // ---- answers before the request has ended ----

    @ParameterizedTest
    @EnumSource
    void answerBeforeTheEndOfALongBodyArrivesWholeAndEndsTheConnection(At at) throws Exception {
        hop.application.script = visit -> {
            visit.until("\r\n\r\n");
            visit.take(5);
            visit.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
        };
        try (RawClient client = at.connect()) {
            client.send(head("POST /open/1", "Content-Length: 1000000") + "hello");
            assertThat(client.until("\r\n\r\nbig")).startsWith("HTTP/1.1 413 ").contains("connection: close\r\n");
            Ended end = client.send("x".repeat(100_000) + SMUGGLED).ended();
            assertThat(end.text()).isEmpty();
        }
        AuditRecord record = Hop.record(hop.orders);
        assertThat(record.reason).isEqualTo("allowed");
        assertThat(record.status).isEqualTo(413);
        await().atMost(Hop.SOON).until(() -> hop.application.visits.getFirst().ended());
        assertThat(hop.application.received()).doesNotContain("smuggled");
    }

    @ParameterizedTest
    @EnumSource
    void answerBeforeTheEndOfAShortBodyKeepsTheConnectionAndTheRestIsNoRequest(At at) throws Exception {
        hop.application.script = visit -> {
            visit.until("\r\n\r\n");
            visit.send(RawApplication.OK);
        };
        try (RawClient client = at.connect()) {
            client.send(head("POST /open/1", "Content-Length: " + (SMUGGLED.length() + 5)) + "hello");
            assertThat(client.until("\r\n\r\nok")).startsWith("HTTP/1.1 200 ");
            await().atMost(Hop.SOON)
                    .until(() -> hop.application.visits.getFirst().ended());
            client.send(SMUGGLED);
            assertThat(client.send(head("GET /admin/next")).until("}")).startsWith("HTTP/1.1 403 ");
        }
        assertThat(hop.application.received()).doesNotContain("smuggled");
    }

    // ---- trailers ----

    @ParameterizedTest
    @EnumSource
    void trailersOfAResponsePassExceptThoseThatFrameRouteOrIdentifyAndOfARequestNone(At at) throws Exception {
        String forged = "Authorization: forged\r\nx_sallyport_user: forged\r\nContent-Length: 99\r\nHost: forged\r\n";
        String body = "5;ext=1\r\nhello\r\n0\r\nX-Sum: 1\r\n" + forged + "Txn-Token: forged\r\nX-Sum: 2\r\n\r\n";
        String passed = "5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n";
        answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" + body);
        try (RawClient client = at.connect()) {
            client.send(head("POST /open/1", "Transfer-Encoding: chunked", "TE: trailers") + body);
            assertThat(client.until("X-Sum: 2\r\n\r\n"))
                    .isEqualTo("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + passed);
            assertThat(hop.application.received())
                    .endsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
                    .doesNotContain("forged")
                    .doesNotContain("TE: ");
            assertNextIsServed(client);
        }
        assertThat(List.of(hop.orders.records.getFirst().requestBytes, hop.orders.records.getFirst().responseBytes))
                .containsOnly(5L);
    }
}
