package dev.sallyport.benchmarks.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/** One keep-alive connection with at most one request under way. Event loop only. */
final class LoadConnection extends ChannelInboundHandlerAdapter {
    private final LoadRun run;
    private final ByteBuf memory = Unpooled.directBuffer();
    /** Of that; written again and again. */
    private final ByteBuf request = Unpooled.unreleasableBuffer(memory);

    private final MessageReader response = new MessageReader();
    private @Nullable ChannelHandlerContext context;
    /** When the request under way was to be sent, or the next one if none is. */
    private long intended;

    private boolean busy;
    private boolean done;

    LoadConnection(LoadRun run) {
        this.run = run;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    /** The channel is closed: nothing is written any more. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        context = null;
        memory.release();
    }

    /** With more connections than requests some have nothing to send: they only stand there. */
    void first(long at) {
        intended = at;
        if (run.over(at)) {
            done = true;
            run.finished();
        }
    }

    /** Sends, unless a request is under way or none is due. */
    void due(long now) {
        if (!busy && !done && intended <= now && context != null) {
            busy = true;
            request.clear().writeBytes(run.nextRequest());
            context.writeAndFlush(request, context.voidPromise());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            while (in.isReadable()) {
                if (!busy) {
                    throw new IllegalStateException("bytes that nobody asked for");
                }
                if (response.read(in)) {
                    ended();
                }
            }
        } finally {
            in.release();
        }
    }

    private void ended() {
        long now = System.nanoTime();
        busy = false;
        run.answered(intended, now, response.status(), response.length());
        next(now);
    }

    private void next(long now) {
        intended = run.next(intended, now);
        if (run.over(intended)) {
            done = true;
            run.finished();
        } else {
            due(now);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    /** A connection that was lost stays lost: its requests would be answered by luck. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        context = null;
        if (!done) {
            done = true;
            run.failed("closed");
            run.finished();
        }
    }

    void close() {
        if (context != null) {
            context.close();
        }
        done = true;
    }
}
