package dev.sallyport.proxy.admin;

import dev.sallyport.policy.RequestRejectedException;
import dev.sallyport.proxy.http.Body;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.log.Log;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Requests for pages on one connection, one at a time, read by the scanner of the data path; a body is thrown away. */
final class PageHandler extends ByteToMessageDecoder {
    private static final int BODY_BYTES_MAX = 4096;
    /** From a request's first byte to its answer's last. */
    private static final int REQUEST_SECONDS = 5;

    private final Pages pages;
    private final RequestHead head = new RequestHead(Limits.standard());
    private final Body body = new Body(Limits.standard());
    private boolean inBody;
    private boolean refused;
    private @Nullable Future<?> clock;

    PageHandler(Pages pages) {
        this.pages = pages;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (refused) {
            in.skipBytes(in.readableBytes());
            return;
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
            refuse(ctx, 400);
        }
    }

    private void discard(ChannelHandlerContext ctx, ByteBuf in) throws RequestRejectedException {
        for (ByteBuf piece = body.read(in, ctx.alloc()); piece != null; piece = body.read(in, ctx.alloc())) {
            piece.release();
        }
        if (body.dataBytes() > BODY_BYTES_MAX) {
            refuse(ctx, 413);
        } else if (body.complete()) {
            QueryStringDecoder target = new QueryStringDecoder(head.target());
            String host = head.values(Field.HOST).getFirst();
            // Whoever does not read its answers gets no more of them: they would wait in the data path's memory.
            boolean keep = head.keepsAlive() && ctx.channel().isWritable();
            PageRequest request = new PageRequest(
                    head.method(),
                    target.path(),
                    target.parameters().keySet(),
                    host,
                    head.values(AdminPages.TOKEN_HEADER),
                    String.join(",", head.values("accept")));
            inBody = false;
            head.reset();
            answer(ctx, pages.page(request), keep);
        }
    }

    private void refuse(ChannelHandlerContext ctx, int status) {
        refused = true;
        answer(ctx, Page.text(status, "bad request\n"), false);
    }

    private void answer(ChannelHandlerContext ctx, Page page, boolean keep) {
        refused = !keep;
        byte[] bytes = page.body().getBytes(StandardCharsets.UTF_8);
        ByteBuf response = ByteBufUtil.writeAscii(
                ctx.alloc(),
                "HTTP/1.1 " + HttpResponseStatus.valueOf(page.status()) + "\r\ncontent-type: " + page.contentType()
                        + "\r\ncontent-length: " + bytes.length
                        + "\r\nx-content-type-options: nosniff\r\ncache-control: no-store\r\n"
                        + (keep ? "" : "connection: close\r\n") + "\r\n");
        response.writeBytes(bytes);
        if (keep) {
            if (clock != null) {
                clock.cancel(false);
                clock = null;
            }
            ctx.writeAndFlush(response);
        } else {
            ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
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
