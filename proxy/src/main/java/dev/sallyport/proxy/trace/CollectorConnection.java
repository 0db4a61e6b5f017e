package dev.sallyport.proxy.trace;

import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.trace.HeadersFile.Header;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the collector, kept while it lasts. On the side loop, so that no octet of it is waited for but by the exporter's thread, and by that with one deadline for everything: a peer that reads nothing, or
 * answers an octet a second, costs a connection.
 */
final class CollectorConnection {
    private static final Duration CONNECT = Duration.ofSeconds(3);

    private final Transport transport;
    private final URI endpoint;
    private final boolean tls;
    private final String agent;
    private final Duration deadline;
    private AnswerHandler answers = new AnswerHandler(); // Of the open connection.
    private @Nullable Channel channel;

    /** {@code endpoint}: whole; {@code deadline}: of one attempt, from the look-up of a name to the answer's last octet. */
    CollectorConnection(Transport transport, URI endpoint, String version, Duration deadline) {
        this.transport = transport;
        this.endpoint = endpoint;
        this.tls = "https".equals(endpoint.getScheme());
        this.agent = "sallyport/" + version;
        this.deadline = deadline;
    }

    /** Blocks; not on an event loop. IOException: nobody knows whether it arrived. */
    Answer post(byte[] batch, List<Header> headers) throws IOException, InterruptedException {
        long end = System.nanoTime() + deadline.toNanos();
        Channel known = channel;
        if (known != null && known.isActive()) {
            try {
                return ask(known, batch, headers, end);
            } catch (IOException e) {
                if (System.nanoTime() >= end) {
                    throw e;
                } // Closed at the same moment, perhaps; spans have ids, and twice is once.
            }
        }
        return ask(connect(end), batch, headers, end);
    }

    private Channel connect(long end) throws IOException, InterruptedException {
        IOException last = new IOException("no address of " + endpoint.getHost());
        for (InetAddress address : InetAddress.getAllByName(endpoint.getHost())) {
            AnswerHandler handler = new AnswerHandler();
            ChannelFuture connecting = new Bootstrap()
                    .group(transport.loops())
                    .channel(transport.client())
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT.toMillis())
                    .handler(pipeline(engine(), handler))
                    .connect(new InetSocketAddress(address, port()));
            boolean done = connecting.await(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (done && connecting.isSuccess()) {
                answers = handler;
                channel = connecting.channel();
                return connecting.channel();
            }
            connecting.channel().close();
            last = new IOException("not connected to " + endpoint.getHost() + ":" + port());
        }
        throw last;
    }

    private int port() {
        return endpoint.getPort() >= 0 ? endpoint.getPort() : tls ? 443 : 80;
    }

    private ChannelInitializer<Channel> pipeline(@Nullable SSLEngine engine, AnswerHandler handler) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel opened) {
                if (engine != null) {
                    opened.pipeline().addLast(new SslHandler(engine));
                }
                opened.pipeline().addLast(new HttpClientCodec(), handler);
            }
        };
    }

    /** Whom this machine's JDK trusts, and only under the name that the operator wrote. */
    private @Nullable SSLEngine engine() throws IOException {
        if (!tls) {
            return null;
        }
        try {
            SSLEngine engine = SSLContext.getDefault().createSSLEngine(endpoint.getHost(), port());
            engine.setUseClientMode(true);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
            return engine;
        } catch (NoSuchAlgorithmException e) {
            throw new IOException("no trust store of this JDK", e);
        }
    }

    private Answer ask(Channel open, byte[] batch, List<Header> headers, long end)
            throws IOException, InterruptedException {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        AnswerHandler handler = answers;
        FullHttpRequest request = request(batch, headers);
        open.eventLoop().execute(() -> {
            handler.expect(answer);
            open.writeAndFlush(request).addListener(written -> {
                if (!written.isSuccess()) {
                    answer.completeExceptionally(written.cause());
                }
            });
        });
        try {
            return answer.get(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            open.close();
            throw new IOException("no answer within " + deadline.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            open.close();
            throw new IOException(reason(e.getCause()), e.getCause());
        } catch (InterruptedException e) {
            open.close();
            throw e;
        }
    }

    /** Without what the peer chose to write. */
    private static String reason(@Nullable Throwable cause) {
        return cause instanceof IOException && "closed without an answer".equals(cause.getMessage())
                ? "closed without an answer"
                : cause == null ? "no answer" : cause.getClass().getSimpleName();
    }

    private FullHttpRequest request(byte[] batch, List<Header> headers) throws IOException {
        // In the clear it goes to this machine only, where octets cost less than the time to press them.
        byte[] body = tls ? pressed(batch) : batch;
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.POST, endpoint.getRawPath(), Unpooled.wrappedBuffer(body));
        headers.forEach(header -> request.headers().set(header.name(), header.value()));
        request.headers()
                .set(HttpHeaderNames.HOST, endpoint.getRawAuthority())
                .set(HttpHeaderNames.USER_AGENT, agent)
                .set(HttpHeaderNames.CONTENT_TYPE, "application/x-protobuf")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        if (tls) {
            request.headers().set(HttpHeaderNames.CONTENT_ENCODING, "gzip");
        }
        return request;
    }

    private static byte[] pressed(byte[] batch) throws IOException {
        ByteArrayOutputStream pressed = new ByteArrayOutputStream(batch.length / 4);
        try (OutputStream gzip = new GZIPOutputStream(pressed)) {
            gzip.write(batch);
        }
        return pressed.toByteArray();
    }

    void close() {
        Channel open = channel;
        if (open != null) {
            open.close();
        }
    }
}
