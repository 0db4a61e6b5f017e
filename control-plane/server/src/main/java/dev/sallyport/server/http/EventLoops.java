package dev.sallyport.server.http;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Event loops that end at once when asked: Netty's own default waits for two quiet seconds, for each listener in turn. */
public final class EventLoops extends MultiThreadIoEventLoopGroup {
    private static final long END_WITHIN_SECONDS = 2;

    private EventLoops(int threads, String name, IoHandlerFactory handlers) {
        super(threads, new DefaultThreadFactory(name, true), handlers);
    }

    public static EventLoopGroup of(int threads, String name) {
        return new EventLoops(
                threads, name, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    @Override
    public Future<?> shutdownGracefully() {
        return shutdownGracefully(0, END_WITHIN_SECONDS, TimeUnit.SECONDS);
    }
}
