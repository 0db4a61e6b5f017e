package dev.sallyport.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.Reason;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadDecoderTest {
    private static List<Object> decode(String bytes, int packet) {
        EmbeddedChannel channel = new EmbeddedChannel(new RequestHeadDecoder(Limits.standard()));
        byte[] octets = bytes.getBytes(StandardCharsets.ISO_8859_1);
        for (int at = 0; at < octets.length; at += packet) {
            channel.writeInbound(Unpooled.copiedBuffer(octets, at, Math.min(packet, octets.length - at)));
        }
        List<Object> messages = new ArrayList<>();
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            messages.add(message);
            ReferenceCountUtil.release(message);
        }
        channel.finishAndReleaseAll();
        return messages;
    }

    private static boolean refused(Object message) {
        return message instanceof MalformedHead
                || message instanceof HttpObject object
                        && object.decoderResult().isFailure();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n12345",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n12345",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n12345",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n12345",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5_0\r\n\r\n12345",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\n12345",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, xchunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer_Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\n\r\n12345",
                "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.1x\r\nHost: a\r\n\r\n",
                "GET / HTTP/01.1\r\nHost: a\r\n\r\n",
                "GET /\r\nHost: a\r\n\r\n",
                "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "GET / HTTP/1.1\nHost: a\n\n",
                "GET / HTTP/1.1\r\nHost: a\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
                "GET / HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX\u00e9: a\r\n\r\n",
                "\u0000GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n",
            })
    void ambiguousHeadIsRefusedInOnePacketAndByteByByte(String bytes) {
        for (int packet : new int[] {bytes.length(), 1}) {
            List<Object> messages = decode(bytes + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", packet);
            assertThat(messages).as("packets of %d", packet).isNotEmpty();
            assertThat(refused(messages.getFirst())).as("%s", messages).isTrue();
            assertThat(messages).as("nothing more is parsed").hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "5\n12345\r\n0\r\n\r\n",
                "5;a\nb\r\n12345\r\n0\r\n\r\n",
                "0x5\r\n12345\r\n0\r\n\r\n",
                "5_\r\n12345\r\n0\r\n\r\n",
                "+5\r\n12345\r\n0\r\n\r\n",
                "-1\r\n12345\r\n0\r\n\r\n",
                "11111111111111111\r\n12345\r\n0\r\n\r\n",
                "\r\n12345\r\n0\r\n\r\n",
                "5\r\n12345xx0\r\n\r\n",
            })
    void ambiguousChunkIsRefused(String body) {
        List<Object> messages = decode("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body, 4096);
        assertThat(messages.getFirst()).isInstanceOf(HttpRequest.class);
        assertThat(messages).anyMatch(RequestHeadDecoderTest::refused);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
                "POST /x?y=z HTTP/1.1\r\nhost:a\r\nContent-Length: 5\r\nX-Empty:\r\n\r\n12345",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n5;ext=1\r\n12345\r\n0\r\nX-Trailer: a\r\n\r\n",
            })
    void plainRequestsPassInAnyPackets(String bytes) {
        for (int packet : new int[] {bytes.length(), 1, 3}) {
            List<Object> messages = decode(bytes + bytes.stripLeading(), packet);
            assertThat(messages).as("packets of %d", packet).noneMatch(RequestHeadDecoderTest::refused);
            assertThat(messages.stream().filter(HttpRequest.class::isInstance)).hasSize(2);
        }
    }

    @Test
    void headBeyondItsBoundsIsTooLarge() {
        String line = "GET /" + "a".repeat(9000) + " HTTP/1.1\r\nHost: a\r\n\r\n";
        String endless = "GET / HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(40_000);
        String many = "GET / HTTP/1.1\r\nHost: a\r\n" + "X: a\r\n".repeat(100) + "\r\n";
        for (String bytes : List.of(line, endless, many)) {
            assertThat(decode(bytes, 4096))
                    .singleElement()
                    .isInstanceOfSatisfying(
                            MalformedHead.class,
                            head -> assertThat(head.reason()).isEqualTo(Reason.HEAD_TOO_LARGE));
        }
    }
}
