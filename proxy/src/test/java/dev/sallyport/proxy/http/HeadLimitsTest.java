package dev.sallyport.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Bounds of a head: exactly at each it passes, one beyond it is too large, however it arrives. */
class HeadLimitsTest {
    private static final String LINE = "GET / HTTP/1.1";
    private static final String HOST = "\r\nHost: a\r\n";

    private static String request(Limits limits, String text) {
        return Wire.everyWay(new RequestHead(limits), text, head -> "whole");
    }

    private static String response(Limits limits, String text) {
        return Wire.everyWay(new ResponseHead(limits), text, head -> "whole");
    }

    private static String trailers(Limits limits, String text) {
        return Wire.everyWay(new Trailers(limits), text, head -> "whole");
    }

    @Test
    void headBytesCountFromTheRequestLineToTheEmptyLine() {
        for (String text : List.of(LINE + HOST + "\r\n", LINE + HOST + "X: " + "a".repeat(40) + "\r\n\r\n")) {
            int size = text.length();
            assertThat(request(Wire.limits(100, size, 100), text + "body")).isEqualTo("whole| rest: body");
            assertThat(request(Wire.limits(100, size, 100), "\r\n" + text)).isEqualTo("whole| rest: ");
            assertThat(request(Wire.limits(100, size - 1, 100), text)).isEqualTo("HEAD_TOO_LARGE");
            assertThat(request(Wire.limits(100, size - 2, 100), text)).isEqualTo("HEAD_TOO_LARGE");
        }
        String response = "HTTP/1.1 200 OK\r\nX: y\r\n\r\n";
        assertThat(response(Wire.limits(100, response.length(), 100), response + "x"))
                .isEqualTo("whole| rest: x");
        assertThat(response(Wire.limits(100, response.length() - 1, 100), response))
                .isEqualTo("HEAD_TOO_LARGE");
        assertThat(trailers(Wire.limits(100, 8, 100), "X: y\r\n\r\nx")).isEqualTo("whole| rest: x");
        assertThat(trailers(Wire.limits(100, 7, 100), "X: y\r\n\r\n")).isEqualTo("HEAD_TOO_LARGE");
    }

    @Test
    void headAcrossTheBoundsOfCopiesAndBuffersIsWhole() {
        Limits limits = Limits.standard();
        RequestHead head = new RequestHead(limits);
        for (int padding : new int[] {900, 970, 990, 1000, 1010, 1990, 2040, 4000, 8150, 9000, 20_000, 32_700}) {
            for (int more = 0; more < 40; more++) {
                String text = LINE + HOST + "X: " + "a".repeat(padding + more - 40) + "\r\n\r\n";
                assertThat(Wire.read(head, List.of(text + "rest"), h -> h.headBytes() + ""))
                        .isEqualTo(text.length() + "| rest: rest");
                assertThat(Wire.read(
                                head,
                                List.of(text.substring(0, 800 - more), text.substring(800 - more) + "rest"),
                                h -> ""))
                        .isEqualTo("| rest: rest");
            }
        }
        String whole = LINE + HOST + "X: " + "a".repeat(limits.headBytes() - 32) + "\r\n\r\n";
        assertThat(whole).hasSize(limits.headBytes());
        assertThat(Wire.read(head, List.of(whole), h -> "whole")).isEqualTo("whole| rest: ");
        assertThat(Wire.read(head, List.of(whole.replace("X: ", "X:  ")), h -> "whole"))
                .isEqualTo("HEAD_TOO_LARGE");
    }

    @Test
    void endlessHeadIsRefusedAtItsBoundAndNotKept() {
        RequestHead head = new RequestHead(Limits.standard());
        for (String endless : List.of("G", "X: a", "X: a\r\nY", "\u0000")) {
            String text = endless.equals("G") || endless.equals("\u0000")
                    ? endless.repeat(40_000)
                    : LINE + HOST + endless + "a".repeat(40_000);
            assertThat(Wire.read(head, List.of(text), h -> "whole")).isEqualTo("HEAD_TOO_LARGE");
            assertThat(Wire.read(head, List.of(text.substring(0, 20_000), text.substring(20_000)), h -> "whole"))
                    .isEqualTo("HEAD_TOO_LARGE");
        }
    }

    @Test
    void requestLineIsBoundedWithoutItsLineEnd() {
        assertThat(request(Wire.limits(LINE.length(), 100, 100), LINE + HOST + "\r\n"))
                .isEqualTo("whole| rest: ");
        assertThat(request(Wire.limits(LINE.length() - 1, 100, 100), LINE + HOST + "\r\n"))
                .isEqualTo("HEAD_TOO_LARGE");
        String long_ = "GET /" + "a".repeat(Limits.standard().requestLineBytes() - 14) + " HTTP/1.1";
        assertThat(Wire.read(new RequestHead(Limits.standard()), List.of(long_ + HOST + "\r\n"), h -> "whole"))
                .startsWith("whole");
        assertThat(Wire.read(new RequestHead(Limits.standard()), List.of("X" + long_ + HOST + "\r\n"), h -> "whole"))
                .isEqualTo("HEAD_TOO_LARGE");
    }

    @Test
    void fieldsAreCountedEvenThoseThatWillBeDropped() {
        String fields = "X: y\r\nConnection: x\r\nTE: z\r\n";
        assertThat(request(Wire.limits(100, 200, 4), LINE + HOST + fields + "\r\n"))
                .isEqualTo("whole| rest: ");
        assertThat(request(Wire.limits(100, 200, 3), LINE + HOST + fields + "\r\n"))
                .isEqualTo("HEAD_TOO_LARGE");
        assertThat(response(Wire.limits(100, 200, 3), "HTTP/1.1 200 OK\r\n" + fields + "\r\n"))
                .isEqualTo("whole| rest: ");
        assertThat(response(Wire.limits(100, 200, 2), "HTTP/1.1 200 OK\r\n" + fields + "\r\n"))
                .isEqualTo("HEAD_TOO_LARGE");
        assertThat(trailers(Wire.limits(100, 200, 3), fields + "\r\n")).isEqualTo("whole| rest: ");
        assertThat(trailers(Wire.limits(100, 200, 2), fields + "\r\n")).isEqualTo("HEAD_TOO_LARGE");
    }

    @Test
    void hundredFieldsPassAndAHundredAndOneDoNot() {
        RequestHead head = new RequestHead(Limits.standard());
        String fields = LINE + HOST + "X-A: b\r\n".repeat(99);
        assertThat(Wire.read(
                        head,
                        List.of(fields + "\r\n"),
                        h -> "" + h.values("x-a").size()))
                .isEqualTo("99| rest: ");
        assertThat(Wire.read(head, List.of(fields + "X: y\r\n\r\n"), h -> "whole"))
                .isEqualTo("HEAD_TOO_LARGE");
    }
}
