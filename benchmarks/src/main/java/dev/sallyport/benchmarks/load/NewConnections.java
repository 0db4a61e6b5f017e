package dev.sallyport.benchmarks.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Requests on a fixed schedule, each on a TLS connection of its own: connected, handshaken, asked, answered, closed. Latency counts from the moment at which the connection was to be begun. More than the plan's connections at
 * once are not begun and count as {@code held}.
 */
public final class NewConnections implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final EventLoop loop = new EventLoop();

    /** Runs the plan, which has a rate, to its end, and asks for {@code serverName} by SNI; {@code begin} and {@code end} run on the caller's thread at the limits of what is measured. */
    public LoadResult run(Plan plan, SslContext tls, String serverName, Runnable begin, Runnable end) {
        Run run = new Run(plan, tls, serverName);
        loop.execute(run::pace);
        waitUntil(run.measureFrom);
        begin.run();
        waitUntil(run.end);
        end.run();
        return run.result.join();
    }

    private static void waitUntil(long nanoTime) {
        for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    @Override
    public void close() {
        loop.close();
    }

    /** One plan under way; on the event loop only. */
    private final class Run {
        private final Plan plan;
        private final SslContext tls;
        private final String serverName;
        private final Histogram latencies = new Histogram(HIGHEST_NANOS, 3);
        private final SortedMap<String, Long> errors = new TreeMap<>();
        private final CompletableFuture<LoadResult> result = new CompletableFuture<>();
        private final long measureFrom;
        private final long end;
        private long next;
        private int open;
        private int asked;

        Run(Plan plan, SslContext tls, String serverName) {
            this.plan = plan;
            this.tls = tls;
            this.serverName = serverName;
            next = System.nanoTime();
            measureFrom = next + plan.warmUp().toNanos();
            end = measureFrom + plan.measured().toNanos();
        }

        private void pace() {
            while (next <= System.nanoTime() && next < end) {
                if (open < plan.connections()) {
                    open++;
                    connect(next);
                } else {
                    failed("held");
                }
                next += plan.intervalNanos();
            }
            if (next < end) {
                loop.at(next, this::pace);
            } else {
                finishIfAllEnded();
                loop.at(end + GRACE.toNanos(), this::finish);
            }
        }

        private void connect(long intended) {
            loop.client()
                    .handler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            channel.pipeline()
                                    .addLast(
                                            tls.newHandler(
                                                    channel.alloc(),
                                                    serverName,
                                                    plan.target().getPort()),
                                            new One(intended));
                        }
                    })
                    .connect(plan.target())
                    .addListener(future -> {
                        if (!future.isSuccess()) {
                            failed("connect");
                            ended();
                        }
                    });
        }

        private ByteBuf request() {
            byte[] request = plan.requests().get(asked);
            asked = asked + 1 == plan.requests().size() ? 0 : asked + 1;
            return Unpooled.wrappedBuffer(request);
        }

        private void failed(String kind) {
            errors.merge(kind, 1L, Long::sum);
        }

        private void ended() {
            open--;
            finishIfAllEnded();
        }

        private void finishIfAllEnded() {
            if (open == 0 && next >= end) {
                finish();
            }
        }

        private void finish() {
            if (open > 0) {
                errors.merge("unanswered", (long) open, Long::sum);
            }
            double seconds = plan.measured().toNanos() / 1e9;
            result.complete(new LoadResult(latencies, errors, latencies.getTotalCount() / seconds));
        }

        /** One connection. */
        private final class One extends ChannelInboundHandlerAdapter {
            private final long intended;
            private final MessageReader response = new MessageReader();
            private boolean answered;

            One(long intended) {
                this.intended = intended;
            }

            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
                    ctx.writeAndFlush(request(), ctx.voidPromise());
                }
            }

            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ByteBuf in = (ByteBuf) message;
                try {
                    if (!answered && response.read(in)) {
                        answered = true;
                        answer();
                        ctx.close();
                    }
                } finally {
                    in.release();
                }
            }

            private void answer() {
                if (response.status() != 200) {
                    failed(String.valueOf(response.status()));
                } else if (response.length() != plan.responseBytes()) {
                    failed("length");
                } else if (intended >= measureFrom) {
                    latencies.recordValue(Math.min(System.nanoTime() - intended, HIGHEST_NANOS));
                }
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                ctx.close();
            }

            @Override
            public void channelInactive(ChannelHandlerContext ctx) {
                if (!answered) {
                    failed("closed");
                }
                ended();
            }
        }
    }
}
