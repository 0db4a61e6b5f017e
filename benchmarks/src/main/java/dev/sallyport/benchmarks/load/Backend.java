package dev.sallyport.benchmarks.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * The application behind every configuration: {@code GET /bytes/N} is answered with N bytes, anything else with 200 and an empty body once its own was read. As a program it prints its port and ends with its standard input.
 */
public final class Backend implements AutoCloseable {
    /** Up to here a response is made once and sent as it stands; beyond, it is streamed. */
    private static final int READY_BYTES_MAX = 256 * 1024;

    private static final byte[] BYTES = "get /bytes/".getBytes(US_ASCII);

    private final EventLoop loop = new EventLoop();
    // Both touched on the event loop only.
    private final Map<Long, ByteBuf> ready = new HashMap<>();
    private final ByteBuf chunk =
            Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeZero(64 * 1024));

    private final InetSocketAddress address;

    /** Listens on a loopback port of the system's choice. */
    public Backend() {
        address = (InetSocketAddress) loop.server()
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new Answering());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel()
                .localAddress();
    }

    public static void main(String[] args) throws IOException {
        try (Backend backend = new Backend()) {
            System.out.println(backend.address.getPort());
            while (System.in.read() >= 0) {
                // Whoever started us says by its end that we should end.
            }
        }
    }

    public InetSocketAddress address() {
        return address;
    }

    @Override
    public void close() {
        loop.close();
    }

    private static String head(long length) {
        return "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: " + length + "\r\n\r\n";
    }

    private static ByteBuf whole(long length) {
        ByteBuf response = Unpooled.directBuffer();
        response.writeCharSequence(head(length), US_ASCII);
        return Unpooled.unreleasableBuffer(response.writeZero((int) length));
    }

    /** One connection, one request after the other. */
    private final class Answering extends ChannelInboundHandlerAdapter {
        private final MessageReader request = new MessageReader();
        private long streaming;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf in = (ByteBuf) message;
            try {
                while (in.isReadable()) {
                    if (request.read(in)) {
                        answer(ctx);
                    }
                }
            } finally {
                in.release();
            }
        }

        private void answer(ChannelHandlerContext ctx) {
            long length = request.startsWith(BYTES) ? request.number(BYTES.length) : 0;
            if (length <= READY_BYTES_MAX) {
                ctx.write(ready.computeIfAbsent(length, Backend::whole).duplicate(), ctx.voidPromise());
            } else {
                ctx.write(Unpooled.copiedBuffer(head(length), US_ASCII), ctx.voidPromise());
                streaming = length;
                stream(ctx);
            }
        }

        private void stream(ChannelHandlerContext ctx) {
            while (streaming > 0 && ctx.channel().isWritable()) {
                int bytes = (int) Math.min(streaming, chunk.readableBytes());
                streaming -= bytes; // before the write, which may come back here when it makes the channel unwritable
                ctx.write(chunk.slice(0, bytes), ctx.voidPromise());
            }
            ctx.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            stream(ctx);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
