package dev.sallyport.proxy.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sallyport.proxy.log.Log;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A page that goes on, in chunks (RFC 9112 section 7.1), until its stream ends or its reader is gone. It is looked for something new at intervals, and only while the reader takes what there is: at most one chunk waits
 * for it here. Event loop, but for the making of a chunk.
 */
final class PageStreaming {
    private static final Duration LOOK = Duration.ofMillis(50);
    /** After so many there are more: who reads them shall not wait for the next look. */
    private static final int MUCH_BYTES = 1 << 14;
    /** Whoever takes nothing for so long has stopped reading, and others may want the place. */
    private static final Duration STALLED = Duration.ofSeconds(60);

    private static final ByteBuf LAST = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("0\r\n\r\n", US_ASCII));

    private final ChannelHandlerContext ctx;
    private final PageStream stream;
    private final Executor making;
    private long taken = System.nanoTime();

    private PageStreaming(ChannelHandlerContext ctx, PageStream stream, Executor making) {
        this.ctx = ctx;
        this.stream = stream;
        this.making = making;
    }

    static void begin(ChannelHandlerContext ctx, Page page, PageStream stream, Executor making) {
        ctx.pipeline().remove(ReadTimeoutHandler.class); // Its reader has nothing more to say.
        ctx.channel().closeFuture().addListener(_ -> stream.close());
        ctx.writeAndFlush(ByteBufUtil.writeAscii(
                ctx.alloc(), PageHandler.statusLine(page) + "transfer-encoding: chunked\r\nconnection: close\r\n\r\n"));
        new PageStreaming(ctx, stream, making).later();
    }

    private void later() {
        ctx.executor().schedule(this::look, LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (!ctx.channel().isActive()) {
            return;
        }
        if (ctx.channel().isWritable()) {
            taken = System.nanoTime();
            try {
                making.execute(this::read);
                return;
            } catch (RejectedExecutionException e) {
                // Others come first; what happens meanwhile waits, or is counted.
            }
        } else if (System.nanoTime() - taken > STALLED.toNanos()) {
            ctx.close();
            return;
        }
        later();
    }

    private void read() {
        try {
            boolean ended = stream.ended();
            byte[] lines = stream.read();
            ctx.executor().execute(() -> write(lines, ended));
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError defect) {
            Log.defect("page failed", defect);
            ctx.close(); // Or its reader would wait for ever, and its place be taken for as long.
        }
    }

    private void write(byte[] lines, boolean ended) {
        if (lines.length == 0 && ended) {
            ctx.writeAndFlush(LAST.duplicate()).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        if (lines.length > 0) {
            ByteBuf chunk = ByteBufUtil.writeAscii(ctx.alloc(), Integer.toHexString(lines.length) + "\r\n");
            chunk.writeBytes(lines).writeBytes(new byte[] {'\r', '\n'});
            ctx.writeAndFlush(chunk);
        }
        if (ended || lines.length >= MUCH_BYTES) {
            look();
        } else {
            later();
        }
    }
}
