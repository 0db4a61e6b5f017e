package dev.sallyport.proxy.opa;

import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.OpaQuery;
import dev.sallyport.proxy.governor.Governor;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.telemetry.OpaMetrics;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.upstream.Connector;
import dev.sallyport.proxy.upstream.UpstreamPool;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A client on an event loop of its own, asked from a test's thread. */
final class Asking implements AutoCloseable {
    final OpaMetrics metrics;
    /** How far the client's clock runs ahead; deadlines stay on real time. */
    final AtomicLong aheadNanos = new AtomicLong();
    /** Calls of {@code done}. */
    final AtomicInteger results = new AtomicInteger();

    private final EventLoopGroup loops;
    private final OpaClient client;

    private Asking(EventLoopGroup loops, SslContext tls, SvidSource source, Snapshots snapshots) {
        this.loops = loops;
        Connections connections = new Connections();
        ProxyMetrics all = new ProxyMetrics();
        Limits limits = Limits.standard();
        Connector connector = new Connector(
                Transport.of(loops),
                tls,
                new SvidVerifier(source, Clock.systemUTC()),
                source,
                limits,
                connections,
                all,
                Clock.systemUTC());
        metrics = all.opa();
        UpstreamPool pool = new UpstreamPool(
                loops.next(),
                connector,
                limits,
                limits.meshIdle(),
                new Random(7),
                connections,
                new Governor(
                        loops.next(), limits.connectionAge(), Clock.systemUTC(), new Random(7), all.connections()));
        client = new OpaClient(
                loops.next(), pool, snapshots, metrics, () -> System.nanoTime() + aheadNanos.get(), new Random(7));
    }

    static Asking byEpoll() throws Exception {
        return new Asking(
                new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()),
                SslContextBuilder.forClient().build(),
                new SvidPublisher().source(),
                new Snapshots(Clock.systemUTC()));
    }

    static Asking byNio() throws Exception {
        return new Asking(
                new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()),
                SslContextBuilder.forClient().build(),
                new SvidPublisher().source(),
                new Snapshots(Clock.systemUTC()));
    }

    static Mesh.OpaTarget target(Mesh.OpaAddress address) {
        return target(address, 16);
    }

    static Mesh.OpaTarget target(Mesh.OpaAddress address, int concurrency) {
        return new Mesh.OpaTarget("authz", address, concurrency);
    }

    static OpaQuery query(String path, Duration timeout) {
        return new OpaQuery("authz", path, timeout, new TreeSet<>());
    }

    /** Begins a question. */
    CompletableFuture<OpaResult> asks(Mesh.OpaTarget target, OpaQuery query, String input) {
        CompletableFuture<OpaResult> future = new CompletableFuture<>();
        loops.next()
                .execute(() -> client.ask(target, query, input.getBytes(StandardCharsets.UTF_8), result -> {
                    results.incrementAndGet();
                    future.complete(result);
                }));
        return future;
    }

    /** Asks, and waits for the result. */
    OpaResult ask(Mesh.OpaTarget target, OpaQuery query, String input) throws Exception {
        return asks(target, query, input).get(10, TimeUnit.SECONDS);
    }

    /** Asks {@code shop/payment/allow} about nothing in particular, with time enough. */
    OpaResult ask(Mesh.OpaAddress address) throws Exception {
        return ask(target(address), query("shop/payment/allow", Duration.ofSeconds(5)), "{\"input\":{}}");
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
