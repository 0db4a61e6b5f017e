package dev.sallyport.proxy.inbound;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Knows whether the other side ever sent a byte: a health probe or a port scan is counted, not recorded. */
final class FirstByteHandler extends ChannelInboundHandlerAdapter {
    private boolean heard;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        heard = true;
        ctx.fireChannelRead(message);
    }

    boolean heard() {
        return heard;
    }
}
