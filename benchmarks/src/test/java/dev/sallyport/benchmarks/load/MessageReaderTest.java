package dev.sallyport.benchmarks.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class MessageReaderTest {
    private static final String RESPONSE = "HTTP/1.1 204 No\r\nServer: x\r\nContent-Length:  3\r\n\r\nabc";

    private final MessageReader reader = new MessageReader();

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, US_ASCII);
    }

    @Test
    void messageInAnyTwoPiecesIsReadToItsEnd() {
        for (int cut = 1; cut < RESPONSE.length(); cut++) {
            assertThat(reader.read(bytes(RESPONSE.substring(0, cut))))
                    .as("cut at %d", cut)
                    .isFalse();
            ByteBuf rest = bytes(RESPONSE.substring(cut) + "HTTP");
            assertThat(reader.read(rest)).as("cut at %d", cut).isTrue();
            assertThat(rest.toString(US_ASCII)).isEqualTo("HTTP");
            assertThat(reader.status()).isEqualTo(204);
            assertThat(reader.length()).isEqualTo(3);
        }
    }

    @Test
    void messagesBehindEachOtherAreReadOneByOne() {
        ByteBuf two = bytes(RESPONSE + "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        assertThat(reader.read(two)).isTrue();
        assertThat(reader.read(two)).isTrue();
        assertThat(reader.status()).isEqualTo(200);
        assertThat(reader.length()).isZero();
        assertThat(two.isReadable()).isFalse();
    }

    @Test
    void requestIsKnownByItsBeginningAfterItsEnd() {
        assertThat(reader.read(bytes("GET /bytes/1024 HTTP/1.1\r\nhost: x\r\n\r\n")))
                .isTrue();
        assertThat(reader.startsWith("get /bytes/".getBytes(US_ASCII))).isTrue();
        assertThat(reader.number("get /bytes/".length())).isEqualTo(1024);
        assertThat(reader.startsWith("put ".getBytes(US_ASCII))).isFalse();
    }

    @Test
    void headThatIsFollowedByChunksOrDoesNotEndIsRefused() {
        assertThatThrownBy(() -> reader.read(bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")))
                .hasMessageContaining("transfer-encoding");
        assertThatThrownBy(() -> new MessageReader().read(bytes("x".repeat(9000))))
                .hasMessageContaining("more than 8192 bytes");
    }
}
