package dev.sallyport.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9112 sections 6.3 and 7: where a body ends, what of it is passed on, and what is refused, however it arrives. */
class BodyTest {
    private static final String NEXT = "GET /smuggled HTTP/1.1\r\n";

    private static void framed(Body body) {
        body.chunked(true, true);
    }

    private static void unframed(Body body) {
        body.chunked(false, true);
    }

    private static List<Consumer<Body>> bothWays() {
        return List.of(BodyTest::framed, BodyTest::unframed);
    }

    @Test
    void lengthEndsWhereItSays() {
        assertThat(Wire.body(body -> body.length(5), "hello" + NEXT)).isEqualTo("hello| complete| rest: " + NEXT);
        assertThat(Wire.body(body -> body.length(5), "hell")).isEqualTo("hell| incomplete| rest: ");
        assertThat(Wire.body(body -> body.length(0), NEXT)).isEqualTo("| complete| rest: " + NEXT);
        assertThat(Wire.body(body -> body.length(999_999_999_999_999_999L), "hello"))
                .isEqualTo("hello| incomplete| rest: ");
    }

    @Test
    void noBodyTakesNothing() {
        assertThat(Wire.body(Body::none, NEXT)).isEqualTo("| complete| rest: " + NEXT);
    }

    @Test
    void onlyTheEndOfTheConnectionEndsABodyWithoutLength() {
        Body body = new Body(Limits.standard());
        assertThat(Wire.body(body, Body::untilClose, List.of("0\r\n\r\n", NEXT)))
                .isEqualTo("0\r\n\r\n" + NEXT + "| incomplete| rest: ");
        assertThat(body.endsWithConnection()).isTrue();
        body.closed();
        assertThat(body.complete()).isTrue();
        for (Consumer<Body> begin : List.<Consumer<Body>>of(BodyTest::framed, BodyTest::unframed, b -> b.length(1))) {
            begin.accept(body);
            body.closed();
            assertThat(body.complete()).as("cut off, not complete").isFalse();
            assertThat(body.endsWithConnection()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0\r\n\r\n",
                "000\r\n\r\n",
                "5\r\nhello\r\n0\r\n\r\n",
                "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
                "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
                "00005\r\nhello\r\n0\r\n\r\n",
                "4\r\n\r\n\r\n\r\n0\r\n\r\n",
                "5\r\n0\r\n\r\n\r\n0\r\n\r\n",
                "3\r\n\u0000\u00ff\n\r\n0\r\n\r\n",
                "1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n",
                "1\r\na\r\n0\r\nX-Trailer: b\r\n\r\n",
                "0\r\nX: y\r\nX-Z:\r\n\r\n",
            })
    void chunksPassAsTheyAreOrWithoutTheirFraming(String chunks) {
        assertThat(Wire.body(BodyTest::framed, chunks + NEXT)).isEqualTo(chunks + "| complete| rest: " + NEXT);
        assertThat(Wire.body(BodyTest::unframed, chunks + NEXT))
                .isEqualTo(Chunks.decode(chunks).payload() + "| complete| rest: " + NEXT);
        for (int cut = 0; cut < chunks.length(); cut++) {
            assertThat(Wire.body(BodyTest::framed, chunks.substring(0, cut))).endsWith("| incomplete| rest: ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ";a", ";a=b", ";a;b=c", ";a=b;c", ";!#$%&'*+-.^_`|~=9"})
    void extensionsAreLeftOut(String extension) {
        String chunks = "5" + extension + "\r\nhello\r\n3\r\nabc\r\n0" + extension + "\r\n\r\n";
        assertThat(Wire.body(BodyTest::framed, chunks + NEXT))
                .isEqualTo("5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n| complete| rest: " + NEXT);
        assertThat(Wire.body(BodyTest::unframed, chunks + NEXT)).isEqualTo("helloabc| complete| rest: " + NEXT);
    }

    private static Stream<Rule> chunkRules() {
        return Stream.of(
                new Rule("a size is hex digits, and nothing else", """
                        5\\r\\nhello\\r\\n
                        """, """
                        0x5\\r\\nhello\\r\\n
                        5_\\r\\nhello\\r\\n
                        +5\\r\\nhello\\r\\n
                        -5\\r\\nhello\\r\\n
                        -1\\r\\nhello\\r\\n
                        \\s5\\r\\nhello\\r\\n
                        5 \\r\\nhello\\r\\n
                        5\\t\\r\\nhello\\r\\n
                        \\t5\\r\\nhello\\r\\n
                        5 ;a\\r\\nhello\\r\\n
                        5,\\r\\nhello\\r\\n
                        g\\r\\nhello\\r\\n
                        5h\\r\\nhello\\r\\n
                        \\r\\nhello\\r\\n
                        ;a\\r\\nhello\\r\\n
                        5\\000\\r\\nhello\\r\\n
                        \\0005\\r\\nhello\\r\\n
                        5\\265\\r\\nhello\\r\\n
                        "5"\\r\\nhello\\r\\n
                        5.0\\r\\nhello\\r\\n
                        hello
                        """),
                new Rule("a size that the next parser can hold: 31 bits, 15 digits", """
                        000000000000005\\r\\nhello\\r\\n
                        """, """
                        0000000000000005\\r\\nhello\\r\\n
                        80000000\\r\\nhello\\r\\n
                        FFFFFFFF\\r\\nhello\\r\\n
                        100000005\\r\\nhello\\r\\n
                        000000100000005\\r\\nhello\\r\\n
                        7fffffffffffffff\\r\\nhello\\r\\n
                        8000000000000000\\r\\nhello\\r\\n
                        ffffffffffffffff\\r\\nhello\\r\\n
                        10000000000000005\\r\\nhello\\r\\n
                        11111111111111111\\r\\nhello\\r\\n
                        """),
                new Rule("lines end with CRLF", """
                        5\\r\\nhello\\r\\n
                        """, """
                        5\\nhello\\r\\n
                        5\\rhello\\r\\n
                        5\\r\\rhello\\r\\n
                        5\\n\\rhello\\r\\n
                        5\\r\\nhello\\n
                        5\\r\\nhello\\r\\r
                        5\\r\\nhello\\n\\r
                        5\\r\\nhelloxx
                        5\\r\\nhello0
                        5\\r\\nhello\\r0
                        5\\r\\nhello \\r\\n
                        5;a\\nhello\\r\\n
                        5;a\\rhello\\r\\n
                        5;a\\r\\rhello\\r\\n
                        5;a\\nb\\r\\nhello\\r\\n
                        5\\013\\nhello\\r\\n
                        """),
                new Rule("extensions are tokens: no quotes, blanks or control bytes", """
                        5;a=b\\r\\nhello\\r\\n
                        """, """
                        5;\\r\\nhello\\r\\n
                        5;;a\\r\\nhello\\r\\n
                        5;a;\\r\\nhello\\r\\n
                        5;=\\r\\nhello\\r\\n
                        5;=b\\r\\nhello\\r\\n
                        5;a=\\r\\nhello\\r\\n
                        5;a==b\\r\\nhello\\r\\n
                        5;a=b=c\\r\\nhello\\r\\n
                        5;a="b"\\r\\nhello\\r\\n
                        5;a="\\r\\nhello\\r\\n
                        5;a="\\r\\n0\\r\\n"\\r\\nhello\\r\\n
                        5; a=b\\r\\nhello\\r\\n
                        5;a =b\\r\\nhello\\r\\n
                        5;a= b\\r\\nhello\\r\\n
                        5;a=b \\r\\nhello\\r\\n
                        5;a\\tb\\r\\nhello\\r\\n
                        5;a\\000b\\r\\nhello\\r\\n
                        5;a\\351\\r\\nhello\\r\\n
                        5;a\\177\\r\\nhello\\r\\n
                        5;a,b\\r\\nhello\\r\\n
                        5;a:b\\r\\nhello\\r\\n
                        """));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("chunkRules")
    void chunksAreReadStrictly(Rule rule) {
        for (String chunk : rule.accepted()) {
            assertThat(Wire.body(BodyTest::unframed, chunk + "0\r\n\r\n")).isEqualTo("hello| complete| rest: ");
            assertThat(Wire.body(BodyTest::framed, "1\r\na\r\n" + chunk + "0\r\n\r\n"))
                    .endsWith("| complete| rest: ");
        }
        for (String chunk : rule.refused()) {
            for (Consumer<Body> begin : bothWays()) {
                assertThat(Wire.body(begin, chunk + "0\r\n\r\n")).as(chunk).isEqualTo("FRAMING_REJECTED");
                assertThat(Wire.body(begin, "1\r\na\r\n" + chunk + "0\r\n\r\n"))
                        .as(chunk)
                        .isEqualTo("FRAMING_REJECTED");
            }
        }
    }

    @Test
    void largestChunkIsReadAndOneMoreIsNot() {
        assertThat(Wire.body(BodyTest::framed, "7fffffff\r\nab")).isEqualTo("7fffffff\r\nab| incomplete| rest: ");
        assertThat(Wire.body(BodyTest::framed, "00000007FFFFFFF\r\nab"))
                .isEqualTo("00000007FFFFFFF\r\nab| incomplete| rest: ");
        assertThat(Wire.body(BodyTest::framed, "80000000\r\nab")).isEqualTo("FRAMING_REJECTED");
    }

    @Test
    void extensionsOfABodyAreBounded() {
        Body body = new Body(Limits.standard());
        for (Consumer<Body> begin : bothWays()) {
            String most = "1;" + "e".repeat(4093) + "\r\na\r\n1;e\r\na\r\n0\r\n\r\n";
            assertThat(Wire.body(body, begin, List.of(most))).contains("| complete");
            assertThat(Wire.body(body, begin, List.of(most.replace("1;e\r", "1;ee\r"))))
                    .isEqualTo("FRAMING_REJECTED");
            assertThat(Wire.body(body, begin, List.of("1;" + "e".repeat(5000))))
                    .as("before its end has come")
                    .isEqualTo("FRAMING_REJECTED");
            assertThat(Wire.body(body, begin, List.of("1;a\r\na\r\n".repeat(2049))))
                    .as("many short ones cost as much")
                    .isEqualTo("FRAMING_REJECTED");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: t",
                "Host: b",
                "Content-Length: 5",
                "Content-Type: x",
                "Transfer-Encoding: chunked",
                "Cookie: c",
                "Set-Cookie: c",
                "Connection: close",
                "TE: x",
                "Trailer: x",
                "Upgrade: x",
                "Expect: 100-continue",
                "x-sallyport-user: alice",
                "X_SALLYPORT_USER: alice",
                "X-Forwarded-Client-Cert: x",
                "x_forwarded_client_cert: x",
                "Txn_Token: x",
                "X-HTTP-Method-Override: PUT",
                "x_original_url: /admin",
                "Traceparent: x",
                "X-Request-ID: 1",
            })
    void trailersThatFrameRouteOrIdentifyAreDropped(String trailer) {
        String chunks = "1\r\na\r\n0\r\nX-Sum: 1\r\n" + trailer + "\r\nX-End: 2\r\n\r\n";
        assertThat(Wire.body(BodyTest::framed, chunks + NEXT))
                .isEqualTo("1\r\na\r\n0\r\nX-Sum: 1\r\nX-End: 2\r\n\r\n| complete| rest: " + NEXT);
        assertThat(Wire.body(BodyTest::unframed, chunks + NEXT)).isEqualTo("a| complete| rest: " + NEXT);
        assertThat(Wire.body(BodyTest::framed, "0\r\n" + trailer + "\r\n\r\n"))
                .isEqualTo("0\r\n\r\n| complete| rest: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X",
                ": y",
                "X : y",
                " X: y",
                "X: y\r\n z",
                "X: y\nZ: a",
                "X: \u0000",
                "X\u00e9: y",
                "X: y\rZ: a",
                "GET / HTTP/1.1"
            })
    void trailersAreReadAsStrictlyAsHeads(String trailer) {
        for (Consumer<Body> begin : bothWays()) {
            assertThat(Wire.body(begin, "1\r\na\r\n0\r\n" + trailer + "\r\n\r\n"))
                    .isEqualTo("FRAMING_REJECTED");
        }
        assertThat(Wire.body(BodyTest::framed, "0\r\n\n")).isEqualTo("FRAMING_REJECTED");
        assertThat(Wire.body(BodyTest::framed, "0\r\n\r\r\n")).isEqualTo("FRAMING_REJECTED");
    }

    @Test
    void trailersAreBoundedLikeHeads() {
        Body body = new Body(Limits.standard());
        assertThat(Wire.body(body, BodyTest::framed, List.of("0\r\n" + "X: y\r\n".repeat(100) + "\r\n")))
                .contains("| complete");
        assertThat(Wire.body(body, BodyTest::framed, List.of("0\r\n" + "X: y\r\n".repeat(101) + "\r\n")))
                .isEqualTo("HEAD_TOO_LARGE");
        assertThat(Wire.body(body, BodyTest::framed, List.of("0\r\nX: " + "y".repeat(40_000))))
                .isEqualTo("HEAD_TOO_LARGE");
    }

    @Test
    void payloadIsCountedWithoutItsFraming() {
        Body body = new Body(Limits.standard());
        for (Consumer<Body> begin : bothWays()) {
            Wire.body(body, begin, List.of("5;a=b\r\nhel", "lo\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n"));
            assertThat(body.dataBytes()).isEqualTo(8);
        }
        Wire.body(body, b -> b.length(5), List.of("he", "llo!"));
        assertThat(body.dataBytes()).isEqualTo(5);
    }

    @Test
    void nextBodyKnowsNothingOfTheOneBefore() {
        Body body = new Body(Limits.standard());
        for (String cutOff : List.of(
                "5",
                "5;" + "e".repeat(4000),
                "5\r\nhe",
                "5\r\nhello",
                "0\r\nX: y\r\n",
                "0\r\nAuthorization: t\r\n\r",
                "zz")) {
            Wire.body(body, BodyTest::framed, List.of(cutOff));
            assertThat(Wire.body(
                            body, BodyTest::framed, List.of("3;" + "e".repeat(4000) + "\r\nabc\r\n0\r\nZ: 1\r\n\r\n")))
                    .isEqualTo("3\r\nabc\r\n0\r\nZ: 1\r\n\r\n| complete| rest: ");
            assertThat(body.dataBytes()).isEqualTo(3);
            Wire.body(body, BodyTest::unframed, List.of(cutOff));
            assertThat(Wire.body(body, b -> b.length(2), List.of("ab0"))).isEqualTo("ab| complete| rest: 0");
        }
    }

    @Test
    void withoutTrailersWantedNonePasses() throws Exception {
        Body requests = new Body(Limits.standard());
        requests.chunked(true, false);
        ByteBuf in = Unpooled.copiedBuffer("2\r\nab\r\n0\r\nX-Tenant: b\r\n\r\nGET", StandardCharsets.US_ASCII);
        StringBuilder passed = new StringBuilder();
        for (ByteBuf piece = requests.read(in, ByteBufAllocator.DEFAULT);
                piece != null;
                piece = requests.read(in, ByteBufAllocator.DEFAULT)) {
            passed.append(piece.toString(StandardCharsets.US_ASCII));
            piece.release();
        }
        assertThat(passed).hasToString("2\r\nab\r\n0\r\n\r\n");
        assertThat(requests.complete()).isTrue();
        assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("GET");
        in.release();
    }
}
