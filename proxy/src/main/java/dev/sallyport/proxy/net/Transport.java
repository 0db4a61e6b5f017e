package dev.sallyport.proxy.net;

import dev.sallyport.proxy.log.Log;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Optional;

/**
 * Event loops with the channel types that run on them: epoll where it loads, else the JDK's NIO.
 *
 * @param unix for the sockets of a file system, where there are any
 */
public record Transport(
        EventLoopGroup loops,
        Class<? extends SocketChannel> client,
        Class<? extends ServerSocketChannel> server,
        Optional<Class<? extends Channel>> unix) {
    /** How a loop hears of its sockets. */
    public enum Io {
        EPOLL,
        /** More requests on a loop that is never idle, more CPU time for each on one that is. Many container runtimes forbid it: then it is epoll, and a line of the log says so. */
        IO_URING
    }

    /** {@code name} becomes the prefix of the threads. */
    public static Transport open(String name, int threads) {
        return open(name, threads, Io.EPOLL);
    }

    /** As {@code wanted}, or as near as this system comes to it. */
    public static Transport open(String name, int threads, Io wanted) {
        return of(new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), handler(wanted)));
    }

    private static IoHandlerFactory handler(Io wanted) {
        if (wanted == Io.IO_URING) {
            if (IoUring.isAvailable()) {
                return IoUringIoHandler.newFactory();
            }
            Log.warn("io_uring is not to be had here, event loops use epoll", "cause", IoUring.unavailabilityCause());
        }
        return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    /** The channel types of loops that are there. */
    public static Transport of(EventLoopGroup loops) {
        if (loops instanceof MultiThreadIoEventLoopGroup group) {
            if (group.isIoType(EpollIoHandler.class)) {
                return new Transport(
                        loops,
                        EpollSocketChannel.class,
                        EpollServerSocketChannel.class,
                        Optional.of(EpollDomainSocketChannel.class));
            }
            if (group.isIoType(IoUringIoHandler.class)) {
                return new Transport(
                        loops,
                        IoUringSocketChannel.class,
                        IoUringServerSocketChannel.class,
                        Optional.of(IoUringDomainSocketChannel.class));
            }
        }
        return new Transport(loops, NioSocketChannel.class, NioServerSocketChannel.class, Optional.empty());
    }
}
