package dev.sallyport.proxy.controlplane;

import dev.sallyport.contract.Frames;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Reads the endless answer on the connection's event loop and hands whole messages to the control thread. The next bytes are asked for only when those messages are dealt with:
 * HTTP/2 flow control then holds the control plane back, and no queue grows here. Silence longer than the limit ends the connection.
 */
final class DownStream extends ChannelInboundHandlerAdapter {
    /** On the control thread; {@code ended} is the last call and comes exactly once. */
    interface Reader {
        void opened();

        void received(Wire.Down message);

        void ended(String reason);
    }

    private final Executor control;
    private final Duration silence;
    private final Reader reader;
    private final Frames frames = new Frames();
    // Of the event loop:
    private long heardAt = System.nanoTime();
    private boolean busy;
    private boolean open;
    private boolean ended;

    DownStream(Executor control, Duration silence, Reader reader) {
        this.control = control;
        this.silence = silence;
        this.reader = reader;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.channel().config().setAutoRead(false);
        // A stream that is not being read outlives its connection, with all that was queued for it; the next connection
        // begins with what counts.
        ctx.channel().parent().closeFuture().addListener(_ -> ctx.close());
        watch(ctx);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.read();
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        heardAt = System.nanoTime();
        try {
            switch (message) {
                case Http2HeadersFrame headers -> head(ctx, headers);
                case Http2DataFrame data -> content(ctx, data);
                case Http2ResetFrame reset -> end(ctx, "stream reset, error " + reset.errorCode());
                default -> {}
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!busy && !ended) {
            ctx.read();
        }
    }

    private void head(ChannelHandlerContext ctx, Http2HeadersFrame headers) {
        int status = ControlPlaneConnection.statusOf(headers.headers());
        if (open || headers.isEndStream()) {
            end(ctx, "stream ended by the control plane");
        } else if (status != 200) {
            end(ctx, "stream refused with status " + status);
        } else {
            open = true;
            control.execute(reader::opened);
        }
    }

    private void content(ChannelHandlerContext ctx, Http2DataFrame data) {
        if (!open || ended) {
            return;
        }
        ByteBuf content = data.content();
        byte[] bytes = new byte[content.readableBytes()];
        content.readBytes(bytes);
        try {
            List<byte[]> messages = frames.feed(bytes);
            if (!messages.isEmpty()) {
                busy = true;
                control.execute(() -> deliver(ctx, messages));
            }
        } catch (InvalidMessageException | RejectedExecutionException e) {
            end(ctx, ControlPlaneConnection.messageOf(e));
            return;
        }
        if (data.isEndStream()) {
            end(ctx, "stream ended by the control plane");
        }
    }

    /** Control thread. */
    private void deliver(ChannelHandlerContext ctx, List<byte[]> messages) {
        try {
            for (byte[] message : messages) {
                reader.received(Wire.down(message));
            }
            ctx.executor().execute(() -> {
                busy = false;
                heardAt = System.nanoTime();
                ctx.read();
            });
        } catch (InvalidMessageException e) {
            ctx.executor().execute(() -> end(ctx, "message refused: " + e.getMessage()));
        }
    }

    /** The control plane beats every 5 s; a connection that a firewall forgot says nothing at all. */
    private void watch(ChannelHandlerContext ctx) {
        long left = busy ? silence.toNanos() : silence.toNanos() - (System.nanoTime() - heardAt);
        if (ended) {
            return;
        }
        if (left <= 0) {
            end(ctx, "silent for " + silence);
        } else {
            ctx.executor().schedule(() -> watch(ctx), left, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end(ctx, "connection closed");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        end(ctx, ControlPlaneConnection.messageOf(cause));
    }

    private void end(ChannelHandlerContext ctx, String reason) {
        if (ended) {
            return;
        }
        ended = true;
        ctx.close();
        ctx.channel().parent().close();
        control.execute(() -> reader.ended(reason));
    }
}
