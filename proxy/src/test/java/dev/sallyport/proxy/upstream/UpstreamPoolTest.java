package dev.sallyport.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.governor.Governor;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.ResponseHead;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.telemetry.ConnectionMetrics;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.testing.TestLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which connection a request gets, with servers that are there, dead, or slow; choices are seeded. */
@Timeout(30)
class UpstreamPoolTest {
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop loop = (EventLoop) loops.iterator().next();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Limits limits = Limits.standard();
    private Counting connector;
    private UpstreamPool pool;

    @BeforeEach
    void pool() throws Exception {
        pool(Map.of());
    }

    private void pool(Map<String, Object> changed) throws Exception {
        limits = TestLimits.with(changed);
        connector = new Counting(limits, Transport.of(loops));
        pool = new UpstreamPool(
                loop,
                connector,
                limits,
                Duration.ofSeconds(4),
                new Random(7),
                new Connections(),
                new Governor(loop, limits.connectionAge(), Clock.systemUTC(), new Random(7), new ConnectionMetrics()));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** The real one, which counts, and holds back what it is told to. */
    private static final class Counting extends Connector {
        final Map<Address, Integer> attempts = new ConcurrentHashMap<>();
        final List<Runnable> held = new CopyOnWriteArrayList<>();
        final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
        volatile boolean holds;
        volatile @Nullable Endpoint last;

        Counting(Limits limits, Transport transport) throws Exception {
            this(limits, transport, new SvidPublisher().source());
        }

        private Counting(Limits limits, Transport transport, SvidSource nobody) throws Exception {
            super(
                    transport,
                    SslContextBuilder.forClient().build(),
                    new SvidVerifier(nobody, Clock.systemUTC()),
                    nobody,
                    limits,
                    new Connections(),
                    new ProxyMetrics(),
                    Clock.systemUTC());
        }

        @Override
        void connect(EventLoop loop, UpstreamPool pool, Target target, Endpoint endpoint, Outcome outcome) {
            attempts.merge(endpoint.address(), 1, Integer::sum);
            last = endpoint;
            if (holds) {
                outcomes.add(outcome);
                held.add(() -> super.connect(loop, pool, target, endpoint, outcome));
            } else {
                super.connect(loop, pool, target, endpoint, outcome);
            }
        }
    }

    /** One request: what became of it. */
    private static final class Asker implements UpstreamListener {
        volatile @Nullable UpstreamConnection connection;
        volatile @Nullable UpstreamFailure failure;
        volatile boolean answered;

        @Override
        public boolean wanted() {
            return true;
        }

        @Override
        public void connected(UpstreamConnection opened) {
            connection = opened;
        }

        @Override
        public void unavailable(UpstreamFailure why) {
            failure = why;
        }

        @Override
        public boolean takesResponse() {
            return true;
        }

        @Override
        public boolean knowsChunks() {
            return true;
        }

        @Override
        public void responseHead(ResponseHead head) {}

        @Override
        public void responseBody(@Nullable ByteBuf piece, long dataBytes, boolean last) {
            if (piece != null) {
                piece.release();
            }
            answered = last;
        }

        @Override
        public void responseReadComplete() {}

        @Override
        public void upstreamWritable() {}

        @Override
        public void failed(UpstreamFailure why) {
            failure = why;
        }

        UpstreamConnection connection() {
            UpstreamConnection given = connection;
            if (given == null) {
                throw new AssertionError("no connection: " + failure);
            }
            return given;
        }
    }

    private Address server() throws IOException {
        ServerSocket server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        opened.add(server);
        return new Address.Tcp(new HostPort("127.0.0.1", server.getLocalPort()));
    }

    private static Address dead() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Address.Tcp(new HostPort("127.0.0.1", server.getLocalPort()));
        }
    }

    private static Target to(Address... addresses) {
        return new Target.Neighbour("target", List.of(addresses));
    }

    private static ConditionFactory await() {
        return Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    }

    private void onLoop(Runnable task) {
        loop.submit(task).syncUninterruptibly();
    }

    private Asker begin(Target target) {
        Asker asker = new Asker();
        onLoop(() -> pool.acquire(target, false, asker));
        return asker;
    }

    private Asker ask(Target target) {
        Asker asker = begin(target);
        await().until(() -> asker.connection != null || asker.failure != null);
        return asker;
    }

    private void giveBack(Asker asker) {
        onLoop(() -> asker.connection().release());
    }

    private Endpoint last() {
        Endpoint endpoint = connector.last;
        if (endpoint == null) {
            throw new AssertionError("nobody connected");
        }
        return endpoint;
    }

    // ---- which endpoint ----

    @Test
    void connectionThatWasGivenBackServesTheNextRequest() throws Exception {
        Target target = to(server());
        Asker first = ask(target);
        giveBack(first);
        assertThat(ask(target).connection()).isSameAs(first.connection());
        assertThat(ask(target).connection()).as("while that is in use").isNotSameAs(first.connection());
    }

    @Test
    void busierOfTwoEndpointsGetsLess() throws Exception {
        Address busy = server();
        Address free = server();
        for (int i = 0; i < 40; i++) {
            ask(to(busy));
        }
        for (int i = 0; i < 32; i++) {
            ask(to(busy, free));
        }
        assertThat(connector.attempts.get(busy)).as("40, and a quarter of 32").isBetween(41, 52);
    }

    @Test
    void endpointThatFailsThreeTimesInARowIsLeftAloneHoweverSeldomItIsAsked() throws Exception {
        Address dead = dead();
        Target target = to(dead, server());
        for (int i = 0; i < 40; i++) {
            giveBack(ask(target));
            onLoop(() -> {
                pool.closeIdle();
                pool.sweep();
            });
        }
        assertThat(connector.attempts.get(dead)).isEqualTo(3);
    }

    @Test
    void endpointsThatAreAllLeftAloneAreAskedAllTheSame() throws Exception {
        Target target = to(dead(), dead());
        for (int i = 0; i < 10; i++) {
            assertThat(ask(target).failure)
                    .satisfies(why -> assertThat(why.reason()).isEqualTo(Reason.UPSTREAM_UNAVAILABLE));
        }
        assertThat(connector.attempts.values().stream().mapToInt(i -> i).sum())
                .as("each twice")
                .isEqualTo(20);
    }

    // ---- how long a connection rests ----

    private Socket accepted() throws IOException {
        Socket socket = ((ServerSocket) opened.getFirst()).accept();
        opened.add(socket);
        return socket;
    }

    private void exchange(Asker asker, Socket server, String response) throws IOException {
        onLoop(() -> {
            asker.connection().write(ByteBufUtil.writeAscii(ByteBufAllocator.DEFAULT, "GET\r\n"));
            asker.connection().flush();
        });
        server.getOutputStream().write(response.getBytes(StandardCharsets.US_ASCII));
        await().until(() -> asker.answered);
        giveBack(asker);
    }

    @Test
    void serverThatSaysHowLongItWaitsIsNotRaced() throws Exception {
        Target target = to(server());
        Asker first = ask(target);
        exchange(first, accepted(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: max=5, timeout=1\r\n\r\n");
        assertThat(last().idleLife()).isEqualTo(Duration.ofMillis(500));
        long since = System.nanoTime();
        await().until(() -> System.nanoTime() - since > Duration.ofMillis(550).toNanos());
        assertThat(ask(target).connection()).isNotSameAs(first.connection());
    }

    @Test
    void serverThatClosedARestingConnectionIsNotRacedAgainThoughNoOtherConnectionIsLeft() throws Exception {
        Target target = to(server());
        Asker first = ask(target);
        Socket server = accepted();
        exchange(first, server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        server.close();
        Endpoint endpoint = last();
        await().until(() -> endpoint.connections() == 0);
        assertThat(endpoint.idleLife()).isEqualTo(Duration.ofMillis(500));
        onLoop(pool::sweep);
        ask(target);
        assertThat(last().idleLife()).isEqualTo(Duration.ofMillis(500));
    }

    // ---- waiting for one ----

    @Test
    void requestThatWaitsGetsTheConnectionThatIsGivenBackFirst() throws Exception {
        connector.holds = true;
        Target target = to(server());
        List<Asker> shaking = List.of(begin(target), begin(target), begin(target), begin(target));
        Asker waiting = begin(target);
        assertThat(connector.held).as("handshakes at a time").hasSize(4);
        onLoop(connector.held.getFirst());
        await().until(() -> shaking.getFirst().connection != null);
        assertThat(connector.held).as("room for one more").hasSize(5);
        giveBack(shaking.getFirst());
        assertThat(connector.held).hasSize(5);
        assertThat(waiting.failure).isNull();
    }

    @Test
    void requestThatWaitedTooLongIsShed() throws Exception {
        pool(Map.of("queue", Duration.ofMillis(1)));
        connector.holds = true;
        Target target = to(server());
        List<Asker> shaking = List.of(begin(target), begin(target), begin(target), begin(target));
        Asker waiting = begin(target);
        await().untilAsserted(() -> assertThat(waiting.failure)
                .isNotNull()
                .satisfies(why -> assertThat(why.reason()).isEqualTo(Reason.OVERLOADED)));
        assertThat(shaking).allMatch(asker -> asker.failure == null);
    }

    @Test
    void whoWaitsForADeadEndpointLearnsItAtOnce() throws Exception {
        connector.holds = true;
        Target target = to(dead());
        List<Asker> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(begin(target));
        }
        connector.holds = false;
        onLoop(() -> connector.held.forEach(Runnable::run));
        await().untilAsserted(() -> assertThat(all).allMatch(asker -> asker.failure != null));
    }

    @Test
    void connectionsToOneEndpointAreBounded() throws Exception {
        pool(Map.of("connectionsPerEndpoint", 2));
        Target target = to(server());
        Asker first = ask(target);
        ask(target);
        assertThat(ask(target).failure)
                .satisfies(why -> assertThat(why.reason()).isEqualTo(Reason.OVERLOADED));
        giveBack(first);
        assertThat(ask(target).connection()).isSameAs(first.connection());
    }

    @Test
    void secondAttemptFindsRoomWhereConnectionsOnlyRest() throws Exception {
        pool(Map.of("connectionsPerEndpoint", 1));
        Target target = to(server());
        giveBack(ask(target));
        Asker again = new Asker();
        onLoop(() -> pool.acquire(target, true, again));
        await().until(() -> again.connection != null || again.failure != null);
        assertThat(again.failure).isNull();
    }
}
