package dev.sallyport.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9112 sections 2.2, 3, 5, 6 and 9.3 for requests; what its single lines may be is {@link RequestRulesTest}'s. */
class RequestHeadTest {
    private static final String TCHAR = "!#$%&'*+-.^_`|~";

    private final RequestHead head = new RequestHead(Limits.standard());

    @Test
    void everyOctetStandsOnlyWhereTheGrammarHasIt() {
        onlyThese("G", "T / HTTP/1.1\r\nHost: a\r\n\r\n", RequestHeadTest::tchar);
        onlyThese("GET /", " HTTP/1.1\r\nHost: a\r\n\r\n", c -> c > 0x20 && c < 0x7f);
        onlyThese("GET / HTTP/1.1\r\nHost: a\r\nX", "Y: a\r\n\r\n", c -> tchar(c) || c == ':');
        onlyThese("GET / HTTP/1.1\r\nHost: a\r\nX: a", "b\r\n\r\n", c -> c == '\t' || c >= 0x20 && c != 0x7f);
        onlyThese("GET / HTTP/1.1", "\r\nHost: a\r\n\r\n", c -> false);
        onlyThese("GET / HTTP/1.1\r", "\nHost: a\r\n\r\n", c -> false);
        onlyThese("", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", RequestHeadTest::tchar);
        onlyThese("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ", "1\r\n\r\n", c -> c >= '1' && c <= '9' || c == ' ');
        onlyThese("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:", "chunked\r\n\r\n", c -> c == ' ');
    }

    private void onlyThese(String before, String after, IntPredicate grammar) {
        for (int c = 0; c < 256; c++) {
            String outcome = Wire.read(head, List.of(before + (char) c + after), h -> "whole");
            assertThat(outcome.startsWith("whole"))
                    .as("octet %x after %s: %s", c, before, outcome)
                    .isEqualTo(grammar.test(c));
        }
    }

    private static boolean tchar(int c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || TCHAR.indexOf(c) >= 0;
    }

    @Test
    void octetAbove7fInTheTargetIsAPathProblem() {
        for (String octet : List.of("\u0080", "\u00e9", "\u00ff", "\u00c0\u00af")) {
            assertThat(Wire.everyWay(head, "GET /" + octet + " HTTP/1.1\r\nHost: a\r\n\r\n", RequestHeadTest::passedOn))
                    .isEqualTo("PATH_REJECTED");
        }
    }

    @Test
    void exactlyOneHostInEitherVersion() {
        for (String version : List.of("1.0", "1.1")) {
            assertThat(Wire.everyWay(head, "GET / HTTP/" + version + "\r\n\r\n", RequestHeadTest::passedOn))
                    .isEqualTo("FRAMING_REJECTED");
            assertThat(Wire.everyWay(head, "GET / HTTP/" + version + "\r\nX: y\r\n\r\n", RequestHeadTest::passedOn))
                    .isEqualTo("FRAMING_REJECTED");
            assertThat(Wire.everyWay(
                            head, "GET / HTTP/" + version + "\r\nhOST:\t a:8 \t\r\n\r\n", RequestHeadTest::host))
                    .isEqualTo("a:8| rest: ");
            assertThat(Wire.everyWay(head, "GET / HTTP/" + version + "\r\nHost:\r\n\r\n", RequestHeadTest::host))
                    .as("an empty Host is the canonical request's to refuse")
                    .isEqualTo("| rest: ");
        }
    }

    private static String host(RequestHead head) {
        return head.text(head.valueStart(Field.HOST), head.valueEnd(Field.HOST));
    }

    @Test
    void http10HasNoTransferEncoding() {
        String fields = "Host: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertThat(Wire.everyWay(head, "POST / HTTP/1.0\r\n" + fields, RequestHeadTest::passedOn))
                .isEqualTo("FRAMING_REJECTED");
        assertThat(Wire.everyWay(head, "POST / HTTP/1.1\r\n" + fields, RequestHeadTest::passedOn))
                .isEqualTo("POST / HTTP/1.1\r\n" + fields + "| rest: ");
    }

    @Test
    void oneEmptyLineBeforeARequestIsIgnoredAndNothingElse() {
        String request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        assertThat(Wire.everyWay(head, "\r\n" + request, RequestHeadTest::passedOn))
                .isEqualTo(request + "| rest: ");
        for (String before : List.of(
                "\r\n\r\n",
                "\n",
                "\r",
                "\r\r\n",
                " \r\n",
                "\n\r\n",
                "\r\n ",
                "\r\n\n",
                "\r\n\r",
                "\u0000\r\n",
                "\r\u0000")) {
            assertThat(Wire.everyWay(head, before + request, RequestHeadTest::passedOn))
                    .as("before: %s", before)
                    .isEqualTo("FRAMING_REJECTED");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r",
                "\r\n",
                "\r\n\r",
                "G",
                "GET / HTTP/1.1\r",
                "GET / HTTP/1.1\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n\r"
            })
    void whatIsNotWholeIsWaitedFor(String text) {
        assertThat(Wire.everyWay(head, text, RequestHeadTest::passedOn)).isEqualTo(Wire.INCOMPLETE);
    }

    @Test
    void tellsTheFrameOfTheBody() {
        assertThat(framed("X: y")).isEqualTo("length -1, chunked false, bodiless true");
        assertThat(framed("Content-Length: 0")).isEqualTo("length 0, chunked false, bodiless true");
        assertThat(framed("Content-Length: 17")).isEqualTo("length 17, chunked false, bodiless false");
        assertThat(framed("Content-Length: 999999999999999999"))
                .isEqualTo("length 999999999999999999, chunked false, bodiless false");
        assertThat(framed("Transfer-Encoding: chunked")).isEqualTo("length -1, chunked true, bodiless false");
    }

    private String framed(String field) {
        return Wire.everyWay(
                        head,
                        request("Host: a", field),
                        h -> "length %d, chunked %s, bodiless %s"
                                .formatted(h.contentLength(), h.chunked(), h.bodiless()))
                .replace("| rest: ", "");
    }

    @Test
    void keepsAliveAsItsVersionAndConnectionSay() {
        assertThat(keepsAlive("1.1", "X: y")).isTrue();
        assertThat(keepsAlive("1.1", "Connection: keep-alive")).isTrue();
        assertThat(keepsAlive("1.1", "Connection: close")).isFalse();
        assertThat(keepsAlive("1.1", "connection:CLOSE")).isFalse();
        assertThat(keepsAlive("1.1", "Connection: x, \tclose\t ,y")).isFalse();
        assertThat(keepsAlive("1.1", "Connection: x\r\nConnection: close")).isFalse();
        assertThat(keepsAlive("1.1", "Connection: closed, xclose")).isTrue();
        assertThat(keepsAlive("1.0", "X: y")).isFalse();
        assertThat(keepsAlive("1.0", "Connection: Keep-Alive")).isTrue();
        assertThat(keepsAlive("1.0", "Connection: keep_alive"))
                .as("no such option")
                .isFalse();
        assertThat(keepsAlive("1.0", "Connection: keep-alive, close"))
                .as("RFC 9112 section 9.3: close is looked for first")
                .isFalse();
        assertThat(keepsAlive("1.0", "Connection: close\r\nConnection: keep-alive"))
                .isFalse();
    }

    private boolean keepsAlive(String version, String field) {
        String text = "GET / HTTP/" + version + "\r\nHost: a\r\n" + field + "\r\n\r\n";
        return Wire.everyWay(head, text, h -> "" + h.keepsAlive()).startsWith("true");
    }

    @Test
    void expectsContinueOnlyWhereItSaysSo() {
        assertThat(expectsContinue("1.1", "Expect: 100-continue")).isTrue();
        assertThat(expectsContinue("1.1", "expect:\t100-Continue ")).isTrue();
        assertThat(expectsContinue("1.1", "X: y")).isFalse();
        assertThat(expectsContinue("1.1", "Expect: 100_continue"))
                .as("another expectation")
                .isFalse();
        assertThat(expectsContinue("1.1", "Expect: 100-continue, x")).isFalse();
        assertThat(expectsContinue("1.1", "Expect: 200-ok")).isFalse();
        assertThat(expectsContinue("1.0", "Expect: 100-continue"))
                .as("RFC 9110 section 10.1.1: ignored in HTTP/1.0")
                .isFalse();
    }

    private boolean expectsContinue(String version, String field) {
        String text = "POST / HTTP/" + version + "\r\nHost: a\r\n" + field + "\r\n\r\n";
        return Wire.everyWay(head, text, h -> "" + h.expectsContinue()).startsWith("true");
    }

    @Test
    void resetLeavesNothingOfTheMessageBefore() {
        String first =
                "POST /secret HTTP/1.0\r\nHost: secret\r\nConnection: keep-alive\r\nX-Secret: 1\r\nContent-Length: 7\r\n\r\n";
        String second = "GET / HTTP/1.1\r\nHost: b\r\n\r\n";
        assertThat(Wire.read(head, List.of(first), h -> {
                    h.dropHopByHop();
                    h.add("x-added", "secret");
                    return "";
                }))
                .isEqualTo("| rest: ");
        assertThat(Wire.read(head, List.of(second), RequestHeadTest::passedOn)).isEqualTo(second + "| rest: ");
        assertThat(head.contentLength()).isEqualTo(-1);
        assertThat(head.isHttp10()).isFalse();
        assertThat(head.values("x-secret")).isEmpty();
        assertThat(head.values("x-added")).isEmpty();
        assertThat(head.headBytes()).isEqualTo(second.length());
        head.reset();
        assertThat(head.begun()).isFalse();
        assertThat(head.has(Field.HOST)).isFalse();
        assertThat(head.headBytes()).isZero();
    }

    @Test
    void refusedHeadAndItsRestAreForgottenByReset() {
        assertThat(Wire.read(
                        head,
                        List.of("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX: \u0000\r\n"),
                        RequestHeadTest::passedOn))
                .isEqualTo("FRAMING_REJECTED");
        String next = request("Host: b", "Content-Length: 3");
        assertThat(Wire.everyWay(head, next, RequestHeadTest::passedOn)).isEqualTo(next + "| rest: ");
    }

    static String request(String... fields) {
        return "POST / HTTP/1.1\r\n" + String.join("\r\n", fields) + "\r\n\r\n";
    }

    static String passedOn(RequestHead head) {
        return Wire.text(head.encode(ByteBufAllocator.DEFAULT));
    }
}
