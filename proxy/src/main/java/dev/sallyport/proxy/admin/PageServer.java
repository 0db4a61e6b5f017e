package dev.sallyport.proxy.admin;

import dev.sallyport.document.HostPort;
import dev.sallyport.proxy.net.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A listener that answers small requests with {@link Page}s, on a loop that is not the data path's. Requests have no body of interest, connections are few and short-lived.
 */
public final class PageServer implements AutoCloseable {
    private static final int CONNECTIONS_MAX = 64;
    private static final int IDLE_SECONDS = 10;

    private final Channel channel;

    private PageServer(Channel channel) {
        this.channel = channel;
    }

    /** The same with pages that are made at once, on the event loop: those that cost no more than a look, and whose reader must not wait behind another's. */
    public static PageServer bind(Transport transport, HostPort listen, Pages pages) throws IOException {
        return bind(transport, listen, pages, Runnable::run);
    }

    /** Port 0 picks a free one; {@code making}: where pages are made. IOException: in use, or not an address of this machine. */
    public static PageServer bind(Transport transport, HostPort listen, Pages pages, Executor making)
            throws IOException {
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
                                .addLast(new PageHandler(pages, making));
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
}
