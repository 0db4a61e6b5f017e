package dev.sallyport.benchmarks.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.util.concurrent.TimeUnit;

/** One thread on epoll. Not java.nio: its selector waits in whole milliseconds, and a schedule of 3,000 requests a second needs a third of one. */
public final class EventLoop implements AutoCloseable {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    io.netty.channel.EventLoop loop() {
        return group.next();
    }

    /** Any thread. */
    public void execute(Runnable task) {
        loop().execute(task);
    }

    /** At a time of {@link System#nanoTime}, or as soon as may be when that is over; those of an earlier time first. */
    public void at(long nanoTime, Runnable task) {
        loop().schedule(task, nanoTime - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    Bootstrap client() {
        return new Bootstrap().group(group).channel(EpollSocketChannel.class).option(ChannelOption.TCP_NODELAY, true);
    }

    ServerBootstrap server() {
        return new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
