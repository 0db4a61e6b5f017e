package dev.sallyport.benchmarks.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadGeneratorTest {
    private static final Duration STALL = Duration.ofMillis(400);

    private final EventLoop serverLoop = new EventLoop();
    private final LoadGenerator load = new LoadGenerator();
    private final AtomicInteger asked = new AtomicInteger();

    @AfterEach
    void stop() {
        load.close();
        serverLoop.close();
    }

    /** What a server does with its n-th request, from 1. */
    private interface Behaviour {
        void asked(ChannelHandlerContext ctx, int number);
    }

    private InetSocketAddress serve(Behaviour behaviour) {
        return (InetSocketAddress) serverLoop
                .server()
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new SimpleChannelInboundHandler<ByteBuf>() {
                            @Override
                            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf request) {
                                behaviour.asked(ctx, asked.incrementAndGet());
                            }
                        });
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel()
                .localAddress();
    }

    private static void answer(ChannelHandlerContext ctx, int status, String body) {
        ctx.writeAndFlush(Unpooled.copiedBuffer(
                "HTTP/1.1 " + status + " X\r\ncontent-length: " + body.length() + "\r\n\r\n" + body, US_ASCII));
    }

    private static Plan plan(InetSocketAddress target, int connections) {
        byte[] request = "GET /bytes/2 HTTP/1.1\r\nhost: x\r\n\r\n".getBytes(US_ASCII);
        return new Plan(target, List.of(request), 2, connections, OptionalDouble.empty(), Duration.ZERO, Duration.ZERO);
    }

    private LoadResult run(InetSocketAddress target, int connections, double rate, Duration warmUp, Duration measured) {
        Plan plan = plan(target, connections).open(rate, warmUp, measured);
        return load.run(plan, () -> {}, () -> {});
    }

    @Test
    void connectionsBeyondTheRequestsOfTheScheduleStandAndAskNothing() {
        InetSocketAddress target = serve((ctx, _) -> answer(ctx, 200, "ok"));
        LoadResult result = run(target, 500, 200, Duration.ofMillis(100), Duration.ofMillis(300));
        assertThat(asked).hasValue(80);
        assertThat(result.answered()).isEqualTo(60);
        assertThat(result.errors()).isEmpty();
    }

    @Test
    void everyRequestOfTheScheduleIsSentOnceAndOnlyThoseAfterTheWarmUpCount() {
        InetSocketAddress target = serve((ctx, _) -> answer(ctx, 200, "ok"));
        LoadResult result = run(target, 4, 400, Duration.ofMillis(100), Duration.ofMillis(300));
        assertThat(asked).hasValue(160);
        assertThat(result.answered()).isEqualTo(120);
        assertThat(result.errors()).isEmpty();
    }

    /** At 100 a second on one connection: what was to be sent in the first half of the stall waited at least for the second half. */
    @Test
    void stallIsSeenInEveryRequestThatItKeptWaiting() {
        InetSocketAddress target = serve((ctx, number) -> {
            long stall = number == 10 ? STALL.toMillis() : 0;
            ctx.executor().schedule(() -> answer(ctx, 200, "ok"), stall, TimeUnit.MILLISECONDS);
        });
        LoadResult result = run(target, 1, 100, Duration.ZERO, Duration.ofMillis(600));
        assertThat(result.answered()).isEqualTo(60);
        long half = STALL.toNanos() / 2;
        assertThat(result.latencies().getCountBetweenValues(half, Long.MAX_VALUE / 2))
                .isGreaterThanOrEqualTo(19);
        assertThat(result.latencies().getMaxValue()).isGreaterThanOrEqualTo(half);
    }

    @Test
    void wrongAnswersAreCountedByTheirKindAndNotMeasured() {
        InetSocketAddress target = serve((ctx, number) -> {
            switch (number) {
                case 1 -> answer(ctx, 503, "no");
                case 2 -> answer(ctx, 200, "other");
                case 3 -> ctx.close();
                default -> answer(ctx, 200, "ok");
            }
        });
        LoadResult result = run(target, 1, 100, Duration.ZERO, Duration.ofMillis(100));
        assertThat(result.errors())
                .containsOnlyKeys("503", "length", "closed")
                .allSatisfy((_, count) -> assertThat(count).isEqualTo(1));
        assertThat(result.answered()).isZero();
    }

    @Test
    void requestsAreSentInTurnAndAgainFromTheFirst() {
        try (Backend backend = new Backend()) {
            List<byte[]> requests = Stream.of(2, 3, 2)
                    .map(bytes -> ("GET /bytes/" + bytes + " HTTP/1.1\r\nhost: x\r\n\r\n").getBytes(US_ASCII))
                    .toList();
            Plan plan = new Plan(
                    backend.address(), requests, 2, 2, OptionalDouble.of(200), Duration.ZERO, Duration.ofMillis(45));
            LoadResult result = load.run(plan, () -> {}, () -> {});
            assertThat(result.answered()).isEqualTo(6);
            assertThat(result.errors()).containsExactly(Map.entry("length", 3L));
        }
    }

    @Test
    void twoPlansRunBesideEachOther() {
        try (Backend backend = new Backend()) {
            Plan plan = plan(backend.address(), 2);
            var beside = load.start(plan.open(100, Duration.ZERO, Duration.ofMillis(200)));
            LoadResult result = load.run(plan.open(200, Duration.ZERO, Duration.ofMillis(50)), () -> {}, () -> {});
            assertThat(beside).isNotDone();
            assertThat(result.answered()).isEqualTo(10);
            assertThat(beside.join().answered()).isEqualTo(20);
        }
    }

    @Test
    void closedLoopAsksUntilItsTimeIsOverAndLeavesNothingUnanswered() {
        InetSocketAddress target = serve((ctx, _) -> answer(ctx, 200, "ok"));
        Plan plan = plan(target, 3).closed(Duration.ZERO, Duration.ofMillis(100));
        LoadResult result = load.run(plan, () -> {}, () -> {});
        assertThat(result.answered()).isEqualTo(asked.get()).isGreaterThanOrEqualTo(3);
        assertThat(result.errors()).isEmpty();
    }

    @Test
    void backendAnswersWithAsManyBytesAsAreAskedFor() {
        try (Backend backend = new Backend()) {
            LoadResult result = run(backend.address(), 2, 200, Duration.ZERO, Duration.ofMillis(50));
            assertThat(result.answered()).isEqualTo(10);
            assertThat(result.errors()).isEmpty();
        }
    }

    @Test
    void largeBodiesGoBothWays() throws Exception {
        long bytes = (3 << 20) + 7;
        try (Backend backend = new Backend()) {
            assertThat(BulkTransfer.upload(backend.address(), "host: x\r\n", bytes))
                    .isPositive();
            assertThat(BulkTransfer.download(backend.address(), "host: x\r\n", bytes))
                    .isPositive();
        }
    }
}
