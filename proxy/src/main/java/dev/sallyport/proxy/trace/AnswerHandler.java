package dev.sallyport.proxy.trace;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A collector's answers on one connection, one at a time; on its event loop. What is said of more than a little is not waited for, and neither is the end of a body that was cut. */
final class AnswerHandler extends SimpleChannelInboundHandler<HttpObject> {
    /** Of a body; a partial success is a few octets. */
    private static final int BODY_BYTES_MAX = 64 * 1024;

    private CompletableFuture<Answer> waiting = new CompletableFuture<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private int status;
    private String retryAfter = "";
    private boolean keepAlive;
    private @Nullable Throwable broken;

    /** On the loop, before a request is written. */
    void expect(CompletableFuture<Answer> answer) {
        waiting = answer;
        body.reset();
        status = 0;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
        if (part.decoderResult().isFailure()) {
            broken = part.decoderResult().cause();
            ctx.close();
            return;
        }
        if (part instanceof HttpResponse head && !informational(head)) {
            status = head.status().code();
            String after = head.headers().get(HttpHeaderNames.RETRY_AFTER);
            retryAfter = after == null ? "" : after;
            keepAlive = HttpUtil.isKeepAlive(head);
        }
        if (part instanceof HttpContent content && status != 0) {
            content(ctx, content);
        }
    }

    private static boolean informational(HttpResponse head) {
        return head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    private void content(ChannelHandlerContext ctx, HttpContent content) {
        int more = content.content().readableBytes();
        if (body.size() + more > BODY_BYTES_MAX) {
            ctx.close();
            return;
        }
        byte[] piece = new byte[more];
        content.content().readBytes(piece);
        body.write(piece, 0, more);
        if (content instanceof LastHttpContent) {
            answered();
            if (!keepAlive) {
                ctx.close();
            }
        }
    }

    private void answered() {
        waiting.complete(Answer.of(status, retryAfter, body.toByteArray()));
        status = 0;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (status != 0) {
            answered(); // Its status was said.
        }
        Throwable cause = broken;
        waiting.completeExceptionally(new IOException(
                cause == null
                        ? "closed without an answer"
                        : "no HTTP: " + cause.getClass().getSimpleName()));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        waiting.completeExceptionally(cause);
        ctx.close();
    }
}
