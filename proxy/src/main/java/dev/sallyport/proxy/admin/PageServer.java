package dev.sallyport.proxy.admin;

import dev.sallyport.document.HostPort;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.net.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A listener that answers small requests with {@link Page}s, on a loop that is not the data path's. Requests have no body of interest, connections are few and short-lived.
 */
public final class PageServer implements AutoCloseable {
    private static final int BODY_BYTES_MAX = 4096;
    private static final int CONNECTIONS_MAX = 64;
    private static final int IDLE_SECONDS = 30;

    private final Channel channel;

    private PageServer(Channel channel) {
        this.channel = channel;
    }

    /** Port 0 picks a free one. IOException: in use, or not an address of this machine. */
    public static PageServer bind(Transport transport, HostPort listen, Pages pages) throws IOException {
        AtomicInteger connections = new AtomicInteger();
        var bound = new ServerBootstrap()
                .group(transport.loops())
                .channel(transport.server())
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (connections.incrementAndGet() > CONNECTIONS_MAX) {
                            channel.close();
                        }
                        channel.closeFuture().addListener(_ -> connections.decrementAndGet());
                        channel.pipeline()
                                .addLast(new ReadTimeoutHandler(IDLE_SECONDS))
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpObjectAggregator(BODY_BYTES_MAX))
                                .addLast(new Responder(pages));
                    }
                })
                .bind(new InetSocketAddress(listen.host(), listen.port()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(listen + ": " + bound.cause().getMessage()
                    + " (expected: a free port on an address of this machine)");
        }
        return new PageServer(bound.channel());
    }

    public HostPort address() {
        InetSocketAddress local = (InetSocketAddress) channel.localAddress();
        return new HostPort(local.getAddress().getHostAddress(), local.getPort());
    }

    @Override
    public void close() {
        channel.close();
    }

    /** One request at a time on one connection. */
    private static final class Responder extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final Pages pages;

        Responder(Pages pages) {
            this.pages = pages;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            Page page;
            if (request.decoderResult().isFailure()) {
                page = Page.text(400, "bad request\n");
            } else {
                QueryStringDecoder target = new QueryStringDecoder(request.uri());
                page = pages.page(new PageRequest(
                        request.method().name(),
                        target.path(),
                        target.parameters().keySet(),
                        request.headers()));
            }
            byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
            var response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(page.status()), Unpooled.wrappedBuffer(body));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, page.contentType())
                    .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                    .set("x-content-type-options", "nosniff")
                    .set(HttpHeaderNames.CACHE_CONTROL, "no-store");
            boolean keep = request.decoderResult().isSuccess() && HttpUtil.isKeepAlive(request);
            if (keep) {
                ctx.writeAndFlush(response);
            } else {
                response.headers().set(HttpHeaderNames.CONNECTION, "close");
                ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (cause instanceof RuntimeException && !(cause instanceof io.netty.channel.ChannelException)) {
                Log.defect("page failed", cause);
            }
            ctx.close();
        }
    }
}
