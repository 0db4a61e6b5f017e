package dev.sallyport.proxy.exchange;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;

/**
 * The first half of an orderly end: close_notify, FIN, and from now on what arrives is thrown away. Closing outright while bytes are unread would make the kernel send a reset,
 * which can overtake our last response and the close_notify (RFC 9112 section 9.6).
 */
final class LingeringClose extends ChannelInboundHandlerAdapter {
    /** How long a closing connection may still send what nobody reads, so that our last response is not lost to a reset. */
    static final Duration LINGER = Duration.ofSeconds(1);

    private LingeringClose() {}

    static void begin(Channel channel) {
        channel.pipeline().addFirst("linger", new LingeringClose());
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        ChannelFuture said = tls != null ? tls.closeOutbound() : channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
        said.addListener(done -> ((DuplexChannel) channel).shutdownOutput());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }
}
