package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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

/** Attacks 1 to 9, 12 and 14: requests whose end or shape two parsers could read differently. */
@Timeout(30)
class FramingAttackTest {
    private static final String POST = "POST /open/1 HTTP/1.1\r\nHost: orders\r\n";
    private static final String GET = "GET /open/1 HTTP/1.1\r\nHost: orders\r\n";

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

    static Stream<String> lengthsAndCodings() {
        String chunks = "\r\n\r\n0\r\n\r\n";
        return Stream.of(
                        "Content-Length: 5\r\nTransfer-Encoding: chunked",
                        "Transfer-Encoding: chunked\r\nContent-Length: 5",
                        "content-length: 0\r\nX: y\r\nTRANSFER-ENCODING: CHUNKED",
                        "Content-Length: 5\r\nContent-Length: 6",
                        "Content-Length: 5\r\nContent-Length: 5",
                        "Content-Length: 5\r\nX: y\r\ncONTENT-lENGTH: 05",
                        "Content-Length: 5, 6",
                        "Content-Length: 5, 5",
                        "Content-Length: +5",
                        "Content-Length: -0",
                        "Content-Length: -1",
                        "Content-Length: 0x5",
                        "Content-Length: 5_0",
                        "Content-Length: 5 5",
                        "Content-Length: 5\t5",
                        "Content-Length: 5;",
                        "Content-Length: 5.0",
                        "Content-Length: 5e0",
                        "Content-Length: \u00b2",
                        "Content-Length:",
                        "Content-Length: 18446744073709551616",
                        "Content-Length: 18446744073709551621",
                        "Content-Length: 9223372036854775808",
                        "Content-Length : 5",
                        "Content-Length\t: 5",
                        "Content_Length: 5",
                        "Content\u000b-Length: 5",
                        "Transfer-Encoding: chunked, xchunked",
                        "Transfer-Encoding: ,chunked",
                        "Transfer-Encoding: chunked,",
                        "Transfer-Encoding: chunked;q=1",
                        "Transfer-Encoding: identity",
                        "Transfer-Encoding: gzip, chunked",
                        "Transfer-Encoding: chunked, chunked",
                        "Transfer-Encoding: xchunked",
                        "Transfer-Encoding: chunke",
                        "Transfer-Encoding: \"chunked\"",
                        "Transfer-Encoding: \u000bchunked",
                        "Transfer-Encoding: chunked\u000b",
                        "Transfer-Encoding: \u0000chunked",
                        "Transfer-Encoding:",
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
                        "Transfer-Encoding:\r\n chunked",
                        "Transfer-Encoding : chunked",
                        "Transfer_Encoding: chunked",
                        " Transfer-Encoding: chunked",
                        "X: y\r\n\tTransfer-Encoding: chunked")
                .map(fields -> POST + fields + chunks);
    }

    static Stream<String> linesAndBytes() {
        return Stream.of(
                "POST /open/1 HTTP/1.0\r\nHost: orders\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                GET.replace("HTTP/1.1", "HTTP/1.1x") + "\r\n",
                GET.replace("HTTP/1.1", "HTTP/01.1") + "\r\n",
                GET.replace("HTTP/1.1", "HTTP/1.10") + "\r\n",
                GET.replace("HTTP/1.1", "HTTP/1.2") + "\r\n",
                GET.replace("HTTP/1.1", "HTTP/2.0") + "\r\n",
                GET.replace("HTTP/1.1", "HTTP/0.9") + "\r\n",
                GET.replace("HTTP/1.1", "http/1.1") + "\r\n",
                GET.replace("HTTP/1.1", "HTTP/1,1") + "\r\n",
                GET.replace(" HTTP/1.1", "") + "\r\n",
                GET.replace(" HTTP/1.1", " ") + "\r\n",
                GET.replace(" HTTP/1.1", " HTTP/1.1 ") + "\r\n",
                GET.replace("GET /", "GET\t/") + "\r\n",
                GET.replace("GET /", "GET  /") + "\r\n",
                GET.replace("/1 HTTP", "/1  HTTP") + "\r\n",
                GET.replace("/1 HTTP", "/1\tHTTP") + "\r\n",
                GET.replace("/1 HTTP", "/1 /2 HTTP") + "\r\n",
                GET.replace("/1 HTTP", "/1\r HTTP") + "\r\n",
                GET.replace("/1 HTTP", "/1\u0000 HTTP") + "\r\n",
                GET.replace("/1 HTTP", "/1\u007f HTTP") + "\r\n",
                GET.replace("GET", "G\u0000ET") + "\r\n",
                GET.replace("GET", "G(ET") + "\r\n",
                GET.replace("GET", "G\u00c9T") + "\r\n",
                " " + GET + "\r\n",
                "\u0000" + GET + "\r\n",
                "\u0001" + GET + "\r\n",
                "\u0002\r\n" + GET + "\r\n",
                "\n" + GET + "\r\n",
                "\r" + GET + "\r\n",
                "\r\n\r\n" + GET + "\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                GET.replace("\r\n", "\n") + "\n",
                GET + "X: y\nZ: a\r\n\r\n",
                GET + "X: y\n\r\n",
                GET + "\n",
                GET + "X: a\rb\r\n\r\n",
                GET + "X: a\r\r\n\r\n",
                GET + "X: a\u0000b\r\n\r\n",
                GET + "X: a\u007fb\r\n\r\n",
                GET + "X: a\u0008b\r\n\r\n",
                GET + "X: a\r\n b\r\n\r\n",
                GET + "X: a\r\n\tb\r\n\r\n",
                GET + " \r\n\r\n",
                GET + ": y\r\n\r\n",
                GET + "X\r\n\r\n",
                GET + "X y: z\r\n\r\n",
                GET + "X : z\r\n\r\n",
                GET + "X\u00e9: z\r\n\r\n",
                GET + "\u00ff: z\r\n\r\n",
                GET + "X\u0000: z\r\n\r\n",
                GET + "X(y): z\r\n\r\n",
                GET + "\"X\": z\r\n\r\n",
                "CONNECT orders:8080 HTTP/1.1\r\nHost: orders\r\n\r\n",
                "TRACE /open/1 HTTP/1.1\r\nHost: orders\r\n\r\n",
                GET + "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n\u0082\u0005hello",
                GET + "Connection: upgrade\r\nUpgrade: h2c, websocket\r\n\r\n",
                GET + "Upgrade: WebSocket\r\n\r\n");
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource({"lengthsAndCodings", "linesAndBytes"})
    void headThatTwoParsersCouldReadDifferentlyIsRefused(String attack) throws Exception {
        Refusal.FRAMING.assertOf(hop, attack);
    }

    static Stream<String> chunks() {
        return Stream.of(
                        "5\nhello\r\n0\r\n\r\n",
                        "5;a\nb\r\nhello\r\n0\r\n\r\n",
                        "5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n",
                        "5;a=\"b\"\r\nhello\r\n0\r\n\r\n",
                        "5;a\rb\r\nhello\r\n0\r\n\r\n",
                        "5\r\rhello\r\n0\r\n\r\n",
                        "0x5\r\nhello\r\n0\r\n\r\n",
                        "5_\r\nhello\r\n0\r\n\r\n",
                        "+5\r\nhello\r\n0\r\n\r\n",
                        "-1\r\nhello\r\n0\r\n\r\n",
                        " 5\r\nhello\r\n0\r\n\r\n",
                        "5 \r\nhello\r\n0\r\n\r\n",
                        "5\t;a\r\nhello\r\n0\r\n\r\n",
                        "00000000000000005\r\nhello\r\n0\r\n\r\n",
                        "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
                        "10000000000000005\r\nhello\r\n0\r\n\r\n",
                        "100000005\r\nhello\r\n0\r\n\r\n",
                        "80000000\r\nhello\r\n0\r\n\r\n",
                        "\r\nhello\r\n0\r\n\r\n",
                        "\r\n5\r\nhello\r\n0\r\n\r\n",
                        ";a\r\nhello\r\n0\r\n\r\n",
                        "g\r\nhello\r\n0\r\n\r\n",
                        "\uff15\r\nhello\r\n0\r\n\r\n",
                        "5\r\nhello0\r\n\r\n",
                        "5\r\nhello\n0\r\n\r\n",
                        "5\r\nhello\r0\r\n\r\n",
                        "5\r\nhelloXX0\r\n\r\n",
                        "5\r\nhello\r\n\r\n0\r\n\r\n",
                        "5\r\nhello\r\n0\r\nX\r\n\r\n",
                        "5\r\nhello\r\n0\r\nX : y\r\n\r\n",
                        "5\r\nhello\r\n0\r\n X: y\r\n\r\n",
                        "5\r\nhello\r\n0\r\nX: y\n\r\n",
                        "5\r\nhello\r\n0\n\r\n",
                        "5\r\nhello\r\n0\r\nX: y\r\n z\r\n\r\n",
                        "5\r\nhello\r\n0\r\nContent_Length: 5\r\n\r\n")
                .map(body -> POST + "Transfer-Encoding: chunked\r\n\r\n" + body);
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("chunks")
    void chunkThatTwoParsersCouldReadDifferentlyIsRefused(String attack) throws Exception {
        Refusal.FRAMING.assertOfBody(hop, attack);
    }

    @Test
    void bytesBeforeTheNextRequestOfAConnectionAreNoRequest() throws Exception {
        for (String before : new String[] {"\u0000", "\u0001", "\u0002", " ", "\n", "\r\n\r\n"}) {
            hop.forget();
            try (RawClient client = hop.inbound()) {
                client.send(GET + "\r\n").until("\r\n\r\nok");
                assertThat(client.send(before + Refusal.SMUGGLED).ended().text())
                        .startsWith("HTTP/1.1 400 ")
                        .doesNotContain("200 OK");
            }
            assertThat(hop.application.received()).doesNotContain("smuggled");
        }
    }

    @Test
    void nothingBehindAMalformedRequestOfAPipelineIsLookedAt() throws Exception {
        for (boolean outbound : new boolean[] {false, true}) {
            hop.forget();
            try (RawClient client = outbound ? hop.outbound() : hop.inbound()) {
                assertThat(client.send(GET + "\r\n" + POST + "Content-Length: x\r\n\r\n" + Refusal.SMUGGLED)
                                .ended()
                                .text())
                        .matches("(?s)HTTP/1.1 200 .*\r\n\r\nokHTTP/1.1 400 .*}");
            }
            TestSidecar first = outbound ? hop.web : hop.orders;
            await().atMost(Hop.SOON).until(() -> first.records.size() == 2);
            assertThat(hop.application.received()).startsWith("GET /open/1 ").doesNotContain("smuggled");
        }
    }

    /** Attack 8: a body is a body whatever the method, on the wire on both sides. */
    @Test
    void bodyOfAnyMethodIsItsBodyAndNoRequest() throws Exception {
        for (String method : new String[] {"GET", "HEAD", "OPTIONS", "DELETE"}) {
            hop.forget();
            String request = Door.head(method + " /open/1", "Content-Length: " + Refusal.SMUGGLED.length());
            try (RawClient client = hop.inbound()) {
                client.send(request + Refusal.SMUGGLED).until("\r\n\r\n");
                assertThat(Hop.record(hop.orders).requestBytes).isEqualTo(Refusal.SMUGGLED.length());
            }
            assertThat(hop.application.received())
                    .contains("Content-Length: " + Refusal.SMUGGLED.length() + "\r\n")
                    .endsWith("\r\n\r\n" + Refusal.SMUGGLED);
        }
    }

    @Test
    void largestChunkThatCountsIn32BitsPasses() throws Exception {
        hop.application.script = visit -> {
            visit.until("hello");
            visit.send(RawApplication.OK);
        };
        try (RawClient client = hop.inbound()) {
            client.send(POST + "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\nhello");
            assertThat(client.until("\r\n\r\nok")).startsWith("HTTP/1.1 200 ");
        }
        assertThat(hop.application.received()).endsWith("\r\n\r\n7fffffff\r\nhello");
    }
}
