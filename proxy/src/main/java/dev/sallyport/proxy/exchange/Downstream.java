package dev.sallyport.proxy.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The writing side of a downstream connection. Event loop only. */
final class Downstream {
    private static final System.Logger LOG = System.getLogger(Downstream.class.getName());

    private final Channel channel;
    private final String address;
    private @Nullable ChannelHandlerContext context;
    private boolean inputEnded;
    /** Written and not flushed: a flush of nothing costs a way through the TLS handler. */
    private boolean unflushed;
    /** Written last, with room behind it. */
    private @Nullable ByteBuf roomy;

    Downstream(Channel channel) {
        this.channel = channel;
        this.address = channel.remoteAddress() instanceof InetSocketAddress remote
                ? remote.getAddress().getHostAddress() + ":" + remote.getPort()
                : "";
    }

    /** Where the handler stands, once it does. */
    void context(ChannelHandlerContext ctx) {
        context = ctx;
    }

    private ChannelHandlerContext ctx() {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return ctx;
    }

    /** {@code 10.0.0.7:40000}. */
    String address() {
        return address;
    }

    ByteBufAllocator alloc() {
        return channel.alloc();
    }

    boolean active() {
        return channel.isActive();
    }

    boolean writable() {
        return channel.isWritable();
    }

    /** Costs a system call when it changes. */
    void reading(boolean wanted) {
        if (!inputEnded) {
            channel.config().setAutoRead(wanted);
        }
    }

    /** The client has ended its half. Nothing is left to be read, and native epoll, which has let go of the socket by then, fails when it is asked to. */
    void inputEnded() {
        inputEnded = true;
    }

    /** What has room for {@code bytes} takes them: one buffer is one record of TLS without a copy in between, and in the clear one address for the kernel. */
    void write(ByteBuf bytes) {
        unflushed = true;
        ByteBuf before = roomy;
        if (before == null) {
            ctx().write(bytes, channel.voidPromise());
        } else if (bytes.readableBytes() <= before.writableBytes()) {
            try {
                before.writeBytes(bytes);
            } finally {
                bytes.release();
            }
        } else {
            writeRoomy();
            ctx().write(bytes, channel.voidPromise());
        }
    }

    /** The same; what follows before the next {@link #flush} goes behind it while there is room. */
    void writeWithRoom(ByteBuf bytes) {
        writeRoomy();
        unflushed = true;
        roomy = bytes;
    }

    private void writeRoomy() {
        ByteBuf ready = roomy;
        roomy = null;
        if (ready != null) {
            ctx().write(ready, channel.voidPromise());
        }
    }

    void flush() {
        if (unflushed) {
            unflushed = false;
            writeRoomy();
            ctx().flush();
        }
    }

    /** The connection is gone: what was not given to it yet goes nowhere. */
    void closed() {
        ByteBuf left = roomy;
        roomy = null;
        if (left != null) {
            left.release();
        }
    }

    /** The end of a response. True: the kernel has all of it. */
    boolean writeLast(@Nullable ByteBuf bytes) {
        if (bytes != null) {
            write(bytes);
        }
        flush();
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        return channel.isActive() && pending != null && pending.isEmpty();
    }

    /** An empty write comes to its end after every one before it. */
    void whenWritten(Runnable written, Runnable failed) {
        ctx().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> (done.isSuccess() ? written : failed).run());
    }

    /** See {@link LingeringClose}. */
    void linger() {
        LingeringClose.begin(channel);
        reading(true);
    }

    /** In the clear, where a FIN is all that ends a response without a length. */
    void resetOnClose() {
        if (channel.pipeline().get(SslHandler.class) == null) {
            try {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
            } catch (ChannelException e) {
                LOG.log(System.Logger.Level.DEBUG, "connection is closed already", e);
            }
        }
    }

    /** Without close_notify: passes by the TLS handler. */
    void close() {
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first != null) {
            first.close();
        }
    }
}
