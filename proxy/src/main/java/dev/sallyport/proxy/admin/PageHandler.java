package dev.sallyport.proxy.admin;

import dev.sallyport.policy.RequestRejectedException;
import dev.sallyport.proxy.http.Body;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.log.Log;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Requests for pages on one connection, one at a time and answered in their order, read by the scanner of the data path; a body is thrown away. Event loop, but for the making of a page. */
final class PageHandler extends ByteToMessageDecoder {
    private static final int BODY_BYTES_MAX = 4096;
    /** From a request's first byte to its answer's last. */
    private static final int REQUEST_SECONDS = 5;

    private final Pages pages;
    private final Executor making;
    private final RequestHead head = new RequestHead(Limits.standard());
    private final Body body = new Body(Limits.standard());
    private boolean inBody;
    /** Whether the one who asks knows chunks. */
    private boolean chunks;

    private boolean awaiting;
    private boolean refused;
    private @Nullable Future<?> clock;

    /** {@code making}: where pages are made. */
    PageHandler(Pages pages, Executor making) {
        this.pages = pages;
        this.making = making;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (refused) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (awaiting) {
            return; // The next request waits, in at most one more read.
        }
        if (clock == null && in.isReadable()) { // However slowly it comes: health must have room for the next one.
            clock = ctx.executor().schedule(() -> ctx.close(), REQUEST_SECONDS, TimeUnit.SECONDS);
        }
        try {
            if (!inBody && head.read(in)) {
                inBody = true;
                if (head.chunked()) {
                    body.chunked(false, false);
                } else {
                    body.length(Math.max(0, head.contentLength()));
                }
            }
            if (inBody) {
                discard(ctx, in);
            }
        } catch (RequestRejectedException e) {
            refuse(ctx, 400, "bad request\n");
        }
    }

    private void discard(ChannelHandlerContext ctx, ByteBuf in) throws RequestRejectedException {
        for (ByteBuf piece = body.read(in, ctx.alloc()); piece != null; piece = body.read(in, ctx.alloc())) {
            piece.release();
        }
        if (body.dataBytes() > BODY_BYTES_MAX) {
            refuse(ctx, 413, "bad request\n");
        } else if (body.complete()) {
            boolean keepAlive = head.keepsAlive();
            chunks = !head.isHttp10();
            PageRequest request;
            try {
                request = request();
            } catch (IllegalArgumentException e) { // As /%zz. A stack in the log for each would push out what matters.
                refuse(ctx, 400, "bad request\n");
                return;
            }
            inBody = false;
            head.reset();
            make(ctx, request, keepAlive);
        }
    }

    /** IllegalArgumentException: path or query are not percent-encoded text. */
    private PageRequest request() {
        QueryStringDecoder target = new QueryStringDecoder(head.target());
        return new PageRequest(
                head.method(),
                target.path(),
                target.parameters(),
                head.values(Field.HOST).getFirst(),
                head.values(AdminPages.TOKEN_HEADER),
                accept());
    }

    private String accept() {
        String all = String.join(", ", head.values("accept"));
        return all.length() > PageRequest.ACCEPT_MAX ? "" : all;
    }

    private void make(ChannelHandlerContext ctx, PageRequest request, boolean keepAlive) {
        awaiting = true;
        ctx.channel().config().setAutoRead(false);
        try {
            making.execute(() -> {
                try {
                    Page page = pages.page(request);
                    ctx.executor().execute(() -> made(ctx, page, keepAlive));
                } catch (RuntimeException | OutOfMemoryError | StackOverflowError defect) {
                    Log.defect("page failed", defect);
                    ctx.close();
                }
            });
        } catch (RejectedExecutionException e) {
            awaiting = false;
            refuse(ctx, 503, "too many pages are being made (expected: fewer at a time)\n");
        }
    }

    private void made(ChannelHandlerContext ctx, Page page, boolean keepAlive) {
        awaiting = false;
        if (!ctx.channel().isActive()) {
            page.stream().ifPresent(PageStream::close);
            return;
        }
        ctx.channel().config().setAutoRead(true);
        if (page.stream().isPresent() && !chunks) { // RFC 9112 section 6.1
            page.stream().get().close();
            refuse(ctx, 505, "HTTP/1.0 (expected: HTTP/1.1, for what has no end of its own)\n");
            return;
        }
        if (page.stream().isPresent()) {
            refused = true; // What comes now is no request.
            stopClock();
            PageStreaming.begin(ctx, page, page.stream().get(), making);
            return;
        }
        // Whoever does not read its answers gets no more of them: they would wait in the data path's memory.
        answer(ctx, page, keepAlive && ctx.channel().isWritable());
        if (!refused) {
            try {
                channelRead(ctx, Unpooled.EMPTY_BUFFER); // What had arrived meanwhile.
            } catch (Exception e) {
                exceptionCaught(ctx, e);
            }
        }
    }

    private void refuse(ChannelHandlerContext ctx, int status, String sentence) {
        refused = true;
        answer(ctx, Page.text(status, sentence), false);
    }

    private void answer(ChannelHandlerContext ctx, Page page, boolean keep) {
        refused = !keep;
        byte[] bytes = page.body().getBytes(StandardCharsets.UTF_8);
        ByteBuf response = ByteBufUtil.writeAscii(
                ctx.alloc(),
                statusLine(page) + "content-length: " + bytes.length + "\r\n" + (keep ? "" : "connection: close\r\n")
                        + "\r\n");
        response.writeBytes(bytes);
        if (keep) {
            stopClock();
            ctx.writeAndFlush(response);
        } else {
            ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** With the fields that every answer has. */
    static String statusLine(Page page) {
        return "HTTP/1.1 " + HttpResponseStatus.valueOf(page.status()) + "\r\ncontent-type: " + page.contentType()
                + "\r\nx-content-type-options: nosniff\r\ncache-control: no-store\r\n";
    }

    private void stopClock() {
        if (clock != null) {
            clock.cancel(false);
            clock = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause.getCause() instanceof RuntimeException defect) {
            Log.defect("page failed", defect);
        }
        ctx.close();
    }
}
