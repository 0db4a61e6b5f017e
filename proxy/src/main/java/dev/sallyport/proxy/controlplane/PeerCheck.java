package dev.sallyport.proxy.controlplane;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Between the handshake and the first byte of HTTP: the chain was verified by the trust manager, and here its SPIFFE ID must be the control plane's own. Without this line any
 * workload of the mesh could hand out snapshots and certificates.
 */
final class PeerCheck extends ChannelInboundHandlerAdapter {
    private static final long HEADERS_BYTES_MAX = 16 * 1024;
    /** Per stream, so that a snapshot does not wait for a round trip every 64 KiB. */
    private static final int WINDOW_BYTES = 1 << 20;

    private final HostPort address;
    private final SpiffeId expected;
    private final CompletableFuture<ControlPlaneConnection> result;

    PeerCheck(HostPort address, SpiffeId expected, CompletableFuture<ControlPlaneConnection> result) {
        this.address = address;
        this.expected = expected;
        this.result = result;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
            ctx.fireUserEventTriggered(event);
            return;
        }
        if (!handshake.isSuccess()) {
            fail(ctx, "TLS handshake: " + ControlPlaneConnection.messageOf(handshake.cause()));
            return;
        }
        try {
            check(ctx.pipeline().get(SslHandler.class));
        } catch (ControlPlaneException | SvidRejectedException | SSLPeerUnverifiedException e) {
            fail(ctx, ControlPlaneConnection.messageOf(e));
            return;
        }
        speakHttp2(ctx.pipeline());
        result.complete(new ControlPlaneConnection(ctx.channel(), address.toString()));
    }

    private void check(SslHandler tls) throws ControlPlaneException, SvidRejectedException, SSLPeerUnverifiedException {
        Certificate[] chain = tls.engine().getSession().getPeerCertificates();
        SpiffeId peer = X509Svid.leafId((X509Certificate) chain[0]);
        if (!peer.equals(expected)) {
            throw new ControlPlaneException("peer is " + peer + " (expected: " + expected + ")");
        }
        String protocol = tls.applicationProtocol();
        if (!ApplicationProtocolNames.HTTP_2.equals(protocol)) {
            throw new ControlPlaneException("ALPN gave " + protocol + " (expected: h2)");
        }
    }

    private void speakHttp2(ChannelPipeline pipeline) {
        Http2Settings settings = Http2Settings.defaultSettings()
                .pushEnabled(false)
                .maxHeaderListSize(HEADERS_BYTES_MAX)
                .initialWindowSize(WINDOW_BYTES);
        pipeline.addLast(
                Http2FrameCodecBuilder.forClient().initialSettings(settings).build());
        // Streams that the server opens: there are none, push is off.
        pipeline.addLast(new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel pushed) {
                pushed.close();
            }
        }));
        pipeline.addLast(new CloseOnError());
        pipeline.remove(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(ctx, "connection closed during the TLS handshake");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ctx, ControlPlaneConnection.messageOf(cause));
    }

    private void fail(ChannelHandlerContext ctx, String problem) {
        result.completeExceptionally(new ControlPlaneException("control plane " + address + ": " + problem));
        ctx.close();
    }

    /** The end of the connection's own pipeline: settings, pings and GOAWAY are the codec's; an error ends the connection, and its streams hear of that. */
    private static final class CloseOnError extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            io.netty.util.ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
