package dev.sallyport.proxy.exchange;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DownstreamTest {
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private final Downstream downstream = new Downstream(channel);

    DownstreamTest() {
        downstream.context(channel.pipeline().firstContext());
    }

    @AfterEach
    void nothingIsLeft() {
        channel.finishAndReleaseAll();
    }

    @Test
    void whatFitsBehindAHeadLeavesWithItInOneBuffer() {
        downstream.writeWithRoom(buffer("head ", 10));
        downstream.write(buffer("body", 0));
        downstream.write(buffer(" more", 0));
        downstream.flush();

        assertThat(sent()).containsExactly("head body more");
    }

    @Test
    void whatDoesNotFitLeavesBehindItInABufferOfItsOwn() {
        downstream.writeWithRoom(buffer("head ", 3));
        downstream.write(buffer("body", 0));
        downstream.write(buffer("!", 0)); // Would fit, but must not overtake.
        downstream.flush();

        assertThat(sent()).containsExactly("head ", "body", "!");
    }

    @Test
    void aHeadAloneLeavesWithTheFlush() {
        downstream.writeWithRoom(buffer("head", 10));
        assertThat(sent()).isEmpty();

        downstream.flush();
        downstream.write(buffer("late", 0));
        downstream.flush();

        assertThat(sent()).containsExactly("head", "late");
    }

    @Test
    void whatIsCopiedIsReleasedAndSoIsWhatNeverLeft() {
        ByteBuf body = buffer("body", 0);
        ByteBuf head = buffer("head", 10);
        downstream.writeWithRoom(head);
        downstream.write(body);
        assertThat(body.refCnt()).isZero();
        assertThat(head.refCnt()).isOne();

        downstream.closed();

        assertThat(head.refCnt()).isZero();
    }

    private static ByteBuf buffer(String text, int room) {
        return Unpooled.buffer(text.length() + room, text.length() + room).writeBytes(text.getBytes(US_ASCII));
    }

    private List<String> sent() {
        List<String> sent = new ArrayList<>();
        for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            sent.add(next.toString(US_ASCII));
            next.release();
        }
        return sent;
    }
}
