package dev.sallyport.proxy.net;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/** Event loops with the channel types that run on them: epoll where it loads, else the JDK's NIO. */
public record Transport(
        EventLoopGroup loops, Class<? extends SocketChannel> client, Class<? extends ServerSocketChannel> server) {
    /** {@code name} becomes the prefix of the threads. */
    public static Transport open(String name, int threads) {
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory handler = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), handler);
        return epoll
                ? new Transport(loops, EpollSocketChannel.class, EpollServerSocketChannel.class)
                : new Transport(loops, NioSocketChannel.class, NioServerSocketChannel.class);
    }
}
