package dev.sallyport.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** RFC 9112 sections 4, 5, 6 and 9.3 for responses: each rule with what it lets pass and what it refuses, however the bytes arrive. */
class ResponseHeadTest {
    private static final String REST = "HTTP/1.1 200 smuggled\r\n\r\n";

    private final ResponseHead head = new ResponseHead(Limits.standard());

    private static Stream<Rule> statusLines() {
        return Stream.of(
                new Rule("version 1.1 or 1.0, exactly, and a blank", """
                        HTTP/1.1 200 OK
                        HTTP/1.0 200 OK
                        """, """
                        HTTP/1.2 200 OK
                        HTTP/2.0 200 OK
                        HTTP/0.9 200 OK
                        HTTP/01.1 200 OK
                        HTTP/1.1x 200 OK
                        http/1.1 200 OK
                        HTTPS/1.1 200 OK
                        ICY 200 OK
                        HTTP/1.1\\t200 OK
                        HTTP/1.1  200 OK
                        HTTP/1.1200 OK
                        \\sHTTP/1.1 200 OK
                        \\000HTTP/1.1 200 OK
                        \\357\\273\\277HTTP/1.1 200 OK
                        200 OK
                        \\s
                        """),
                new Rule("three digits, 100 to 599", """
                        HTTP/1.1 100 Continue
                        HTTP/1.1 299 x
                        HTTP/1.1 599 x
                        """, """
                        HTTP/1.1 099 x
                        HTTP/1.1 000 x
                        HTTP/1.1 600 x
                        HTTP/1.1 999 x
                        HTTP/1.1 20 OK
                        HTTP/1.1 2000 OK
                        HTTP/1.1 2 0 OK
                        HTTP/1.1 +20 OK
                        HTTP/1.1 -20 OK
                        HTTP/1.1 2e1 OK
                        HTTP/1.1 OK
                        HTTP/1.1\\s
                        HTTP/1.1
                        HTTP/1.1 \\262\\262\\262 x
                        """),
                new Rule("a reason without control bytes, empty, or none", """
                        HTTP/1.1 200 OK
                        HTTP/1.1 200\\s
                        HTTP/1.1 200
                        HTTP/1.1 200  OK \\t now\\s
                        HTTP/1.1 200 \\351\\200\\377
                        """, """
                        HTTP/1.1 200 O\\000K
                        HTTP/1.1 200 O\\rK
                        HTTP/1.1 200 OK\\r
                        HTTP/1.1 200\\r
                        HTTP/1.1 200 O\\013K
                        HTTP/1.1 200 O\\033[0mK
                        HTTP/1.1 200 O\\177K
                        HTTP/1.1 200OK
                        HTTP/1.1 200\\tOK
                        HTTP/1.1 200,OK
                        HTTP/1.1 200 OK\\nSet-Cookie: a=b
                        HTTP/1.1 200 OK\\n
                        """));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("statusLines")
    void statusLineIsReadStrictly(Rule rule) {
        for (String line : rule.accepted()) {
            String fields = "\r\nX: y\r\n\r\n";
            assertThat(Wire.everyWay(head, line + fields + REST, ResponseHeadTest::passedOn))
                    .as(line)
                    .isEqualTo(line.replace("HTTP/1.0", "HTTP/1.1") + fields + "| rest: " + REST);
        }
        for (String line : rule.refused()) {
            assertThat(Wire.everyWay(head, line + "\r\nX: y\r\n\r\n" + REST, ResponseHeadTest::passedOn))
                    .as(line)
                    .isEqualTo("FRAMING_REJECTED");
        }
    }

    private static Stream<Rule> fieldLines() {
        return Stream.of(
                new Rule("lines are a token, a colon, and a value, each ended by CRLF", """
                        X: a
                        X:
                        X:a\\r\\nY:\\tb \\351
                        Host: a\\r\\nHost: b
                        Set-Cookie: a=b\\r\\nSet-Cookie: c=d
                        """, """
                        X
                        : a
                        X : a
                        \\sX: a
                        X: a\\r\\n b
                        X: a\\nY: b
                        X: a\\rY: b
                        X: a\\000
                        X\\351: a
                        """),
                new Rule("one Content-Length or one Transfer-Encoding: chunked", """
                        Content-Length: 5
                        Transfer-Encoding: chunked
                        transfer-encoding:Chunked
                        Content-Length: 0
                        """, """
                        Content-Length: 5\\r\\nContent-Length: 5
                        Content-Length: 5\\r\\nContent-Length: 6
                        Content-Length: 5, 5
                        Content-Length: +5
                        Content-Length: 18446744073709551616
                        Content-Length:
                        Content_Length: 5
                        Content-Length: 5\\r\\nTransfer-Encoding: chunked
                        Transfer-Encoding: chunked\\r\\nContent-Length: 5
                        Transfer-Encoding: chunked\\r\\nTransfer-Encoding: chunked
                        Transfer-Encoding: gzip, chunked
                        Transfer-Encoding: gzip
                        Transfer-Encoding: identity
                        Transfer-Encoding: \\013chunked
                        Transfer-Encoding : chunked
                        Transfer_Encoding: chunked
                        """));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fieldLines")
    void fieldLinesAreReadStrictly(Rule rule) {
        for (String fields : rule.accepted()) {
            String text = "HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\n";
            assertThat(Wire.everyWay(head, text + REST, ResponseHeadTest::passedOn))
                    .isEqualTo(text + "| rest: " + REST);
        }
        for (String fields : rule.refused()) {
            String text = "HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\n";
            assertThat(Wire.everyWay(head, text + REST, ResponseHeadTest::passedOn))
                    .as(text)
                    .isEqualTo("FRAMING_REJECTED");
        }
    }

    private static String passedOn(ResponseHead head) {
        return Wire.text(head.encode(ByteBufAllocator.DEFAULT, 0));
    }

    @Test
    void responseWithoutFieldsIsWhole() {
        assertThat(Wire.everyWay(head, "HTTP/1.1 200 OK\r\n\r\nx", ResponseHeadTest::passedOn))
                .isEqualTo("HTTP/1.1 200 OK\r\n\r\n| rest: x");
    }

    @Test
    void noEmptyLineStandsBeforeAResponse() {
        for (String before : List.of("\r\n", "\n", " ", "\r")) {
            assertThat(Wire.everyWay(head, before + "HTTP/1.1 200 OK\r\n\r\n", ResponseHeadTest::passedOn))
                    .as("before: %s", before)
                    .isEqualTo("FRAMING_REJECTED");
        }
    }

    @Test
    void whatHasNoBodyAnnouncesNone() {
        for (String status : List.of("100", "101", "103", "199", "204")) {
            assertThat(framed(status, "Content-Length: 1")).isEqualTo("FRAMING_REJECTED");
            assertThat(framed(status, "Transfer-Encoding: chunked")).isEqualTo("FRAMING_REJECTED");
            assertThat(framed(status, "Content-Length: 0")).startsWith("length 0");
            assertThat(framed(status, "X: y")).isEqualTo("length -1, chunked false, bodiless true");
        }
        for (String status : List.of("200", "205", "304", "404", "500")) {
            assertThat(framed(status, "Content-Length: 1")).startsWith("length 1, chunked false");
            assertThat(framed(status, "Transfer-Encoding: chunked")).startsWith("length -1, chunked true");
        }
    }

    @Test
    void tellsWhetherABodyFollows() {
        assertThat(framed("200", "X: y")).as("until the connection ends").endsWith("bodiless false");
        assertThat(framed("200", "Content-Length: 0")).endsWith("bodiless true");
        assertThat(framed("200", "Content-Length: 1")).endsWith("bodiless false");
        assertThat(framed("200", "Transfer-Encoding: chunked")).endsWith("bodiless false");
        assertThat(framed("304", "Content-Length: 1")).endsWith("bodiless true");
        assertThat(framed("304", "Transfer-Encoding: chunked")).endsWith("bodiless true");
        String toHead = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        assertThat(Wire.everyWay(head, toHead, h -> "" + h.bodiless(true))).startsWith("true");
    }

    private String framed(String status, String field) {
        return Wire.everyWay(
                        head,
                        "HTTP/1.1 " + status + " x\r\n" + field + "\r\n\r\n",
                        h -> "length %d, chunked %s, bodiless %s"
                                .formatted(h.contentLength(), h.chunked(), h.bodiless(false)))
                .replace("| rest: ", "");
    }

    @Test
    void http10HasNoTransferEncoding() {
        String text = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertThat(Wire.everyWay(head, text, ResponseHeadTest::passedOn)).isEqualTo("FRAMING_REJECTED");
    }

    @Test
    void keepsAliveAsItsVersionAndConnectionSay() {
        assertThat(keepsAlive("1.1", "X: y")).isTrue();
        assertThat(keepsAlive("1.1", "Connection: x, CLOSE")).isFalse();
        assertThat(keepsAlive("1.1", "Connection: x\r\nConnection: close")).isFalse();
        assertThat(keepsAlive("1.0", "X: y")).isFalse();
        assertThat(keepsAlive("1.0", "Connection: keep-alive")).isTrue();
        assertThat(keepsAlive("1.0", "Connection: keep_alive")).isFalse();
        assertThat(keepsAlive("1.0", "Connection: keep-alive, close")).isFalse();
    }

    private boolean keepsAlive(String version, String field) {
        String text = "HTTP/" + version + " 200 OK\r\n" + field + "\r\n\r\n";
        return Wire.everyWay(head, text, h -> "" + h.keepsAlive()).startsWith("true");
    }

    @Test
    void keepAliveTellsItsTimeoutInSeconds() {
        assertThat(timeout("Keep-Alive: timeout=5")).isEqualTo("5");
        assertThat(timeout("keep_alive: max=100, timeout=75")).isEqualTo("75");
        assertThat(timeout("Keep-Alive: timeout=0")).isEqualTo("0");
        assertThat(timeout("Keep-Alive: timeout=99999")).isEqualTo("99999");
        assertThat(timeout("Keep-Alive: timeout=99999999999999999999"))
                .as("bounded")
                .isEqualTo("99999");
        for (String nothing : List.of(
                "X: y",
                "Keep-Alive:",
                "Keep-Alive: timeout=",
                "Keep-Alive: timeout=-1",
                "Keep-Alive: timeout= 5",
                "Keep-Alive: timeout=\u00b2",
                "Keep-Alive: max=5")) {
            assertThat(timeout(nothing)).as(nothing).isEqualTo("-1");
        }
    }

    private String timeout(String field) {
        return Wire.everyWay(head, "HTTP/1.1 200 OK\r\n" + field + "\r\n\r\n", h -> "" + h.keepAliveSeconds())
                .replace("| rest: ", "");
    }

    @Test
    void statusAndClassAreTold() {
        assertThat(Wire.everyWay(head, "HTTP/1.1 103 Early Hints\r\n\r\n", h -> h.status() + " " + h.informational()))
                .startsWith("103 true");
        assertThat(Wire.everyWay(head, "HTTP/1.1 200\r\n\r\n", h -> h.status() + " " + h.informational()))
                .startsWith("200 false");
    }

    @Test
    void resetLeavesNothingOfTheMessageBefore() {
        String first = "HTTP/1.0 404 Not Found\r\nContent-Length: 9\r\nConnection: close\r\nX-Secret: 1\r\n\r\n";
        Wire.read(head, List.of(first), h -> {
            h.add("x-added", "secret");
            return "";
        });
        assertThat(Wire.read(head, List.of("HTTP/1.1 200 OK\r\n\r\n"), ResponseHeadTest::passedOn))
                .isEqualTo("HTTP/1.1 200 OK\r\n\r\n| rest: ");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.contentLength()).isEqualTo(-1);
        assertThat(head.keepsAlive()).isTrue();
        assertThat(head.values("x-secret")).isEmpty();
    }
}
