package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attack 13: an upstream whose responses two parsers could read differently. A bad gateway; its connection is never used again, and no byte of it reaches another client. */
@Timeout(30)
class BadResponseTest {
    private static final String POISON = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
    private static final String OK = "HTTP/1.1 200 OK\r\n";

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

    private static void answerOnce(String response) {
        hop.application.script = visit -> {
            visit.request();
            visit.send(response);
        };
    }

    private static void assertNeverUsedAgain() throws Exception {
        await().atMost(Hop.SOON).until(() -> hop.application.visits.stream().allMatch(RawApplication.Visit::ended));
        assertOthersGetTheirOwn();
    }

    private static void assertOthersGetTheirOwn() throws Exception {
        hop.application.script = RawApplication.ANSWERS;
        for (int i = 0; i < 3; i++) {
            try (RawClient other = hop.inbound()) {
                assertThat(other.send(Door.head("GET /open/other", "Connection: close"))
                                .ended())
                        .isEqualTo(new Ended(
                                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nconnection: close\r\n\r\nok", false));
            }
        }
    }

    static Stream<String> malformed() {
        String chunked = OK + "Transfer-Encoding: chunked\r\n";
        return Stream.of(
                OK + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                chunked + "Content-Length: 5\r\n\r\n0\r\n\r\n",
                OK + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nokx",
                OK + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
                OK + "Content-Length: 2, 2\r\n\r\nok",
                OK + "Content-Length: +2\r\n\r\nok",
                OK + "Content-Length: -1\r\n\r\n",
                OK + "Content-Length: 18446744073709551618\r\n\r\nok",
                OK + "Content-Length : 2\r\n\r\nok",
                OK + "Content_Length: 2\r\n\r\nok",
                OK + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                OK + "Transfer-Encoding: identity\r\n\r\nok",
                OK + "Transfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n",
                OK + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
                chunked + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                chunked.replace("1.1", "1.0") + "\r\n0\r\n\r\n",
                "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
                OK + "X: a\r\n b\r\n\r\n",
                OK + "X: a\rSet-Cookie: b\r\n\r\n",
                OK + "X: a\nSet-Cookie: b\r\n\r\n",
                OK + "X: a\u0000b\r\n\r\n",
                OK + "X y: z\r\n\r\n",
                OK + ": z\r\n\r\n",
                OK + "X\r\n\r\n",
                OK.replace("OK", "O\u0000K") + "\r\n",
                OK.replace("OK", "O\rK") + "\r\n",
                OK.replace("200", "2000") + "\r\n",
                OK.replace("200", "20") + "\r\n",
                OK.replace("200", "099") + "\r\n",
                OK.replace("200", "600") + "\r\n",
                OK.replace("200", "2x0") + "\r\n",
                OK.replace("HTTP/1.1", "HTTP/1.2") + "\r\n",
                OK.replace("HTTP/1.1", "HTTP/2.0") + "\r\n",
                OK.replace("HTTP/1.1", "ICY") + "\r\n",
                OK.replace("HTTP/1.1 ", "HTTP/1.1  ") + "\r\n",
                "\r\n" + RawApplication.OK,
                "\n" + RawApplication.OK,
                "hello",
                "\u0016\u0003\u0001\u0002\r\n\r\n",
                OK + "X: " + "y".repeat(100_000) + "\r\n\r\n",
                OK + "X: y\r\n".repeat(10_000) + "\r\n");
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("malformed")
    void responseThatTwoParsersCouldReadDifferentlyIsABadGateway(String response) throws Exception {
        answerOnce(response + (response.equals("hello") ? "\r\n" : "") + POISON);
        for (boolean outbound : new boolean[] {false, true}) {
            try (RawClient client = outbound ? hop.outbound() : hop.inbound()) {
                String answer = client.send(Door.head("GET /open/1")).until("}");
                assertThat(answer)
                        .startsWith("HTTP/1.1 502 ")
                        .doesNotContain("poison")
                        .doesNotContain("Set-Cookie");
                AuditRecord record = Hop.record(hop.orders);
                assertThat(record.reason).isEqualTo("upstream_protocol");
                assertThat(record.status).isEqualTo(502);
                assertThat(client.send(Door.head("GET /admin/1")).until("}")).startsWith("HTTP/1.1 403 ");
            }
            await().atMost(Hop.SOON).until(() -> hop.orders.records.size() == 2 && hop.orders.dataPath.active() == 0);
            hop.orders.records.clear();
        }
        assertNeverUsedAgain();
    }

    /** In one piece with it: seen before anything was passed on. */
    @ParameterizedTest(name = "{index}")
    @ValueSource(
            strings = {
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                RawApplication.OK,
            })
    void bytesBehindAResponseAreABadGateway(String response) throws Exception {
        for (String extra : new String[] {POISON, "x", "\r\n"}) {
            hop.forget();
            answerOnce(response + extra);
            try (RawClient client = hop.inbound()) {
                assertThat(client.send(Door.head("GET /open/1")).until("}")).startsWith("HTTP/1.1 502 ");
            }
            assertThat(Hop.record(hop.orders).reason).isEqualTo("upstream_protocol");
            assertNeverUsedAgain();
        }
    }

    @Test
    void bodyOfAResponseToHeadIsABadGateway() throws Exception {
        answerOnce(RawApplication.OK);
        try (RawClient client = hop.inbound()) {
            assertThat(client.send(Door.head("HEAD /open/1")).until("\r\n\r\n")).startsWith("HTTP/1.1 502 ");
            assertThat(client.send(Door.head("GET /admin/1")).until("}")).startsWith("HTTP/1.1 403 ");
        }
        assertNeverUsedAgain();
    }

    static Stream<String> whole() {
        return Stream.of(
                RawApplication.OK,
                OK + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\n");
    }

    /** Too late to take the response back: it was whole, and whoever comes next gets none of what follows it. */
    @ParameterizedTest(name = "{index}")
    @MethodSource("whole")
    void bytesThatComeAfterAResponseReachNobody(String response) throws Exception {
        hop.application.script = visit -> {
            visit.request();
            visit.send(response);
            visit.until("never");
        };
        try (RawClient client = hop.inbound()) {
            client.send(Door.head("GET /open/1")).until(response.substring(response.indexOf("\r\n\r\n")));
            RawApplication.Visit visit = hop.application.visits.getFirst();
            hop.orders.settle();
            visit.send(POISON);
            await().atMost(Hop.SOON).until(visit::ended);
            hop.application.script = RawApplication.ANSWERS;
            assertThat(client.send(Door.head("GET /open/2")).until("ok")).doesNotContain("poison");
        }
        assertOthersGetTheirOwn();
    }

    @Test
    void bytesThatComeBetweenTheChunksAndTheNextResponseReachNobody() throws Exception {
        answerOnce(OK + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n" + POISON);
        try (RawClient client = hop.inbound()) {
            assertThat(client.send(Door.head("GET /open/1")).until("0\r\n\r\n")).endsWith("2\r\nok\r\n0\r\n\r\n");
            hop.application.script = RawApplication.ANSWERS;
            assertThat(client.send(Door.head("GET /open/2")).until("\r\n\r\nok"))
                    .doesNotContain("poison");
        }
        assertOthersGetTheirOwn();
    }
}
