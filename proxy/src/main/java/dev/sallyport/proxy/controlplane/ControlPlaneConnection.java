package dev.sallyport.proxy.controlplane;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.proxy.net.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One TLS 1.3 HTTP/2 connection to a control plane that has proven its exact SPIFFE ID. Any thread may use it; the work happens on the connection's event loop, which never blocks.
 */
public final class ControlPlaneConnection implements AutoCloseable {
    /** Answers to short requests; streams have their own bound, {@code Frames.MAX_BYTES}. */
    public static final int REPLY_BYTES_MAX = 1 << 20;

    /** Thirty years. */
    private static final int RETRY_AFTER_DIGITS_MAX = 9;

    static final Duration CONNECT_DEADLINE = Duration.ofSeconds(5);
    static final Duration REPLY_DEADLINE = Duration.ofSeconds(5);

    private final Channel channel;
    private final String authority;

    ControlPlaneConnection(Channel channel, String authority) {
        this.channel = channel;
        this.authority = authority;
    }

    /**
     * Connects, completes the handshake and compares the peer's ID before a byte of HTTP is written. A host name is resolved on the calling thread, which must not be an event
     * loop. Fails with {@link ControlPlaneException}.
     */
    public static CompletableFuture<ControlPlaneConnection> dial(
            Transport transport, HostPort address, SslContext tls, SpiffeId expected) {
        CompletableFuture<ControlPlaneConnection> result = new CompletableFuture<>();
        InetSocketAddress remote = new InetSocketAddress(address.host(), address.port());
        if (remote.isUnresolved()) {
            result.completeExceptionally(new ControlPlaneException("control plane " + address + ": host name unknown"));
            return result;
        }
        new Bootstrap()
                .group(transport.loops())
                .channel(transport.client())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(CONNECT_DEADLINE.toMillis()))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(tls.newHandler(channel.alloc(), address.host(), address.port()));
                        channel.pipeline().addLast(new PeerCheck(address, expected, result));
                    }
                })
                .connect(remote)
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        result.completeExceptionally(new ControlPlaneException(
                                "control plane " + address + ": " + messageOf(connected.cause())));
                    }
                });
        return result;
    }

    /** One request, one answer, within 5 s. */
    public CompletableFuture<Reply> post(String path, byte[] json) {
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        open(path, json, new ReplyReader(reply), reply);
        return reply;
    }

    /** Opens the endless stream; {@code reader} hears all of it. The result completes once the request is under way. */
    CompletableFuture<Void> stream(String path, byte[] json, ChannelHandler reader) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        open(path, json, reader, sent).thenAccept(_ -> sent.complete(null));
        return sent;
    }

    private CompletableFuture<Void> open(
            String path, byte[] json, ChannelHandler reader, CompletableFuture<?> failing) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        new Http2StreamChannelBootstrap(channel)
                .handler(reader)
                .open()
                .addListener((Future<Http2StreamChannel> opened) -> {
                    if (!opened.isSuccess()) {
                        failing.completeExceptionally(new ControlPlaneException(
                                "control plane " + authority + ": " + messageOf(opened.cause())));
                        return;
                    }
                    Http2StreamChannel stream = opened.getNow();
                    Http2Headers headers = new DefaultHttp2Headers()
                            .method("POST")
                            .scheme("https")
                            .authority(authority)
                            .path(path)
                            .set("content-type", "application/json")
                            .setInt("content-length", json.length);
                    stream.write(new DefaultHttp2HeadersFrame(headers));
                    stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(json), true))
                            .addListener(written -> {
                                if (written.isSuccess()) {
                                    sent.complete(null);
                                } else {
                                    failing.completeExceptionally(new ControlPlaneException(
                                            "control plane " + authority + ": " + messageOf(written.cause())));
                                    stream.close();
                                }
                            });
                });
        return sent;
    }

    /** Completes when the connection is gone, whoever ended it. */
    CompletableFuture<Void> closed() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        channel.closeFuture().addListener(_ -> closed.complete(null));
        return closed;
    }

    /** Lets short requests under way end, for at most their deadline, then closes. */
    void closeSoon() {
        channel.eventLoop().schedule(() -> channel.close(), REPLY_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        channel.close();
    }

    static String messageOf(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    /** Collects one bounded answer. Event loop of the connection. */
    private static final class ReplyReader extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Reply> result;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private int status;
        private Optional<Duration> retryAfter = Optional.empty();

        ReplyReader(CompletableFuture<Reply> result) {
            this.result = result;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            ctx.executor()
                    .schedule(
                            () -> fail(ctx, "no answer within " + REPLY_DEADLINE.toSeconds() + " s"),
                            REPLY_DEADLINE.toMillis(),
                            TimeUnit.MILLISECONDS);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            try {
                switch (message) {
                    case Http2HeadersFrame headers -> {
                        status = statusOf(headers.headers());
                        retryAfter = retryAfter(headers.headers());
                        if (headers.isEndStream()) {
                            end(ctx);
                        }
                    }
                    case Http2DataFrame data -> {
                        ByteBuf content = data.content();
                        if (body.size() + content.readableBytes() > REPLY_BYTES_MAX) {
                            fail(ctx, "answer longer than " + REPLY_BYTES_MAX + " bytes");
                            return;
                        }
                        byte[] bytes = new byte[content.readableBytes()];
                        content.readBytes(bytes);
                        body.writeBytes(bytes);
                        if (data.isEndStream()) {
                            end(ctx);
                        }
                    }
                    case Http2ResetFrame reset -> fail(ctx, "stream reset, error " + reset.errorCode());
                    default -> {}
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            fail(ctx, "connection closed before the answer");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            fail(ctx, messageOf(cause));
        }

        private void end(ChannelHandlerContext ctx) {
            if (status == 0) {
                fail(ctx, "answer without a status");
            } else {
                result.complete(new Reply(status, retryAfter, body.toByteArray()));
                ctx.close();
            }
        }

        private void fail(ChannelHandlerContext ctx, String problem) {
            if (result.completeExceptionally(new ControlPlaneException("control plane: " + problem))) {
                ctx.close();
            }
        }
    }

    /** 0 when absent or not a number. */
    static int statusOf(Http2Headers headers) {
        CharSequence status = headers.status();
        try {
            return status == null ? 0 : Integer.parseInt(status.toString());
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static Optional<Duration> retryAfter(Http2Headers headers) {
        CharSequence seconds = headers.get("retry-after");
        boolean digits = seconds != null
                && seconds.length() > 0
                && seconds.length() <= RETRY_AFTER_DIGITS_MAX
                && seconds.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Optional.of(Duration.ofSeconds(Long.parseLong(seconds.toString()))) : Optional.empty();
    }
}
