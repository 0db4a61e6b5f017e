package dev.sallyport.proxy;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.WordKey;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.carry.Boarding;
import dev.sallyport.proxy.carry.Journeys;
import dev.sallyport.proxy.carry.Onward;
import dev.sallyport.proxy.exchange.Pseudonyms;
import dev.sallyport.proxy.exchange.Worker;
import dev.sallyport.proxy.governor.Governor;
import dev.sallyport.proxy.governor.Review;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.inbound.DeclaredOpa;
import dev.sallyport.proxy.inbound.Farewell;
import dev.sallyport.proxy.inbound.Inbound;
import dev.sallyport.proxy.inbound.Opa;
import dev.sallyport.proxy.inbound.Verifiers;
import dev.sallyport.proxy.limit.Admission;
import dev.sallyport.proxy.limit.Limiter;
import dev.sallyport.proxy.limit.Memory;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.opa.OpaClient;
import dev.sallyport.proxy.outbound.Outbound;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.Telemetry;
import dev.sallyport.proxy.token.HopSigner;
import dev.sallyport.proxy.token.HopVerifier;
import dev.sallyport.proxy.token.KeyWanted;
import dev.sallyport.proxy.token.SeenTokens;
import dev.sallyport.proxy.token.SignatureChecks;
import dev.sallyport.proxy.token.TokenVerifier;
import dev.sallyport.proxy.upstream.Connector;
import dev.sallyport.proxy.upstream.Target;
import dev.sallyport.proxy.upstream.UpstreamPool;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Both directions of the sidecar on one event loop group: binds, tells where, drains, closes. */
public final class DataPath implements AutoCloseable {
    /** How a user appears on record. */
    public enum SubjectMode {
        /** HMAC-SHA256 under the audit key: the same user is the same word, and no name is on disk. */
        KEYED,
        CLEAR
    }

    /**
     * What an operator decides. {@code upstreams}: destination ({@code payment} or {@code payment:8080}) → loopback listener; port 0 picks a free one. {@code wordKey}: with what values
     * become words, asked again and again.
     */
    public record Settings(
            String service,
            HostPort application,
            HostPort inbound,
            HostPort outbound,
            SortedMap<String, HostPort> upstreams,
            Limits limits,
            SubjectMode subject,
            Supplier<WordKey> wordKey) {
        /** Without what is in nobody's interest. */
        @Override
        public String toString() {
            return "Settings[" + service + ", application " + application + ", inbound " + inbound + ", outbound "
                    + outbound + ", upstreams " + upstreams + "]";
        }
    }

    private static final long MEMORY_SAMPLE_MILLIS = 100;

    private final Settings settings;
    private final EventLoopGroup loops;
    private final Transport transport;
    private final Snapshots snapshots;
    private final SvidSource source;
    private final MeshTls tls;
    private final Connections connections;
    private final SignatureChecks checks = new SignatureChecks();
    private final ProxyMetrics metrics;
    private final IdentityHashMap<EventExecutor, Inbound.Lane> inbound = new IdentityHashMap<>();
    private final IdentityHashMap<EventExecutor, Outbound.Lane> outbound = new IdentityHashMap<>();
    // Written by start and close, on the caller's thread.
    private final List<Channel> outboundListeners = new ArrayList<>();
    private final SortedMap<String, InetSocketAddress> upstreamAddresses = new TreeMap<>();
    private @Nullable Channel inboundListener;
    private @Nullable Channel outboundListener;

    /** Nothing listens before {@link #start}. {@code tls} is built from the same {@code source}. */
    public DataPath(
            Settings settings,
            EventLoopGroup loops,
            Snapshots snapshots,
            SvidSource source,
            MeshTls tls,
            AuditLog audit,
            KeyWanted keyWanted,
            Connections connections,
            Journeys journeys,
            Telemetry telemetry,
            Clock clock) {
        this(
                settings,
                loops,
                snapshots,
                source,
                tls,
                audit::on,
                keyWanted,
                DeclaredOpa::new,
                connections,
                journeys,
                telemetry,
                clock);
    }

    /** {@code audit}: where the records of a loop go; {@code keyWanted} hears of keys that are missing; {@code opa}: who asks for its rules, given the loop's client. */
    DataPath(
            Settings settings,
            EventLoopGroup loops,
            Snapshots snapshots,
            SvidSource source,
            MeshTls tls,
            Function<EventLoop, AuditLog.Appender> audit,
            KeyWanted keyWanted,
            Function<OpaClient, Opa> opa,
            Connections connections,
            Journeys journeys,
            Telemetry telemetry,
            Clock clock) {
        this.settings = settings;
        this.loops = loops;
        this.transport = Transport.of(loops);
        this.snapshots = snapshots;
        this.source = source;
        this.tls = tls;
        this.connections = connections;
        this.metrics = telemetry.metrics();
        Limits limits = settings.limits();
        Connector connector =
                new Connector(transport, tls.outbound(), tls.svids(), source, limits, connections, metrics, clock);
        SplittableRandom seeds = new SplittableRandom(new SecureRandom().nextLong());
        Memory memory = Memory.ofProcess(limits.memoryPercent());
        loops.next()
                .scheduleWithFixedDelay(
                        memory::sample, MEMORY_SAMPLE_MILLIS, MEMORY_SAMPLE_MILLIS, TimeUnit.MILLISECONDS);
        Admission admission = new Admission(limits.handshakesPerSecond(), memory, System::nanoTime);
        SeenTokens seen = new SeenTokens();
        HopSigner signer = new HopSigner(
                source,
                () -> snapshots.latest().map(held -> new HopSigner.Ground(held.mesh(), held.issuers())),
                settings.service());
        for (EventExecutor executor : loops) {
            EventLoop loop = (EventLoop) executor;
            Governor governor = new Governor(loop, limits.connectionAge(), clock, seeds.split(), metrics.connections());
            Function<Duration, UpstreamPool> pools =
                    idle -> new UpstreamPool(loop, connector, limits, idle, seeds.split(), connections, governor);
            BiFunction<Direction, UpstreamPool, Worker> worker = (direction, pool) -> {
                Pseudonyms pseudonyms = new Pseudonyms(settings.wordKey(), settings.subject() == SubjectMode.CLEAR);
                return new Worker(
                        loop,
                        direction,
                        settings.service(),
                        limits,
                        pool,
                        audit.apply(loop),
                        pseudonyms,
                        telemetry,
                        clock,
                        seeds.split(),
                        admission);
            };
            UpstreamPool mesh = pools.apply(limits.meshIdle());
            OpaClient client = new OpaClient(loop, mesh, snapshots, metrics.opa(), System::nanoTime, seeds.split());
            inbound.put(
                    executor,
                    new Inbound.Lane(
                            worker.apply(Direction.INBOUND, pools.apply(limits.applicationIdle())),
                            new Verifiers(
                                    new TokenVerifier(keyWanted, seen, false),
                                    new HopVerifier(source, tls.svids()),
                                    checks),
                            opa.apply(client),
                            new Farewell(new Boarding(journeys, loop, limits.userGrace()), seen.view())));
            outbound.put(
                    executor,
                    new Outbound.Lane(
                            worker.apply(Direction.OUTBOUND, mesh), new Onward(journeys, signer, seen.view())));
        }
    }

    /** Binds every listener, or none: the message names the address that could not be bound. Blocks; not on an event loop. */
    public void start() throws IOException {
        try {
            Target application = new Target.Application(settings.application());
            inboundListener = bind(
                    settings.inbound(),
                    new Inbound(
                            tls.inbound(),
                            tls.svids(),
                            MeshTls.HANDSHAKE_TIMEOUT,
                            channel -> of(inbound, channel.eventLoop()),
                            snapshots,
                            connections,
                            new Limiter(System::nanoTime),
                            settings.limits().newTokensPerSecond(),
                            application),
                    false);
            outboundListener = listen(settings.outbound(), Optional.empty());
            for (Map.Entry<String, HostPort> upstream : settings.upstreams().entrySet()) {
                Channel listener = listen(upstream.getValue(), Optional.of(destination(upstream.getKey())));
                upstreamAddresses.put(upstream.getKey(), (InetSocketAddress) listener.localAddress());
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** {@code payment} or {@code payment:8080}. */
    private static HostPort destination(String name) throws IOException {
        String text = name.indexOf(':') < 0 ? name + ":0" : name;
        return HostPort.parse(text)
                .orElseThrow(
                        () -> new IOException("outbound.upstreams: " + name + " (expected: service or service:port)"));
    }

    private Channel listen(HostPort address, Optional<HostPort> destination) throws IOException {
        Channel listener =
                bind(address, new Outbound(channel -> of(outbound, channel.eventLoop()), snapshots, destination), true);
        outboundListeners.add(listener);
        return listener;
    }

    /** {@code halfClosure}: in the clear a client may end its half behind its request and still be answered. */
    private Channel bind(HostPort address, ChannelInitializer<SocketChannel> initializer, boolean halfClosure)
            throws IOException {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(transport.server())
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, halfClosure)
                .childHandler(initializer)
                .bind(address.host(), address.port())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "listen: " + address + " (expected: an address that is free): "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        return bound.channel();
    }

    private static <V> V of(IdentityHashMap<EventExecutor, V> byLoop, EventExecutor loop) {
        V value = byLoop.get(loop);
        if (value == null) {
            throw new IllegalStateException("a foreign event loop");
        }
        return value;
    }

    public InetSocketAddress inboundAddress() {
        return address(inboundListener);
    }

    public InetSocketAddress outboundAddress() {
        return address(outboundListener);
    }

    private static InetSocketAddress address(@Nullable Channel listener) {
        if (listener == null) {
            throw new IllegalStateException("not started");
        }
        return (InetSocketAddress) listener.localAddress();
    }

    /** By the names of {@link Settings#upstreams}. */
    public Map<String, InetSocketAddress> upstreamAddresses() {
        return Collections.unmodifiableSortedMap(upstreamAddresses);
    }

    /**
     * The control side calls this after each change of SVID, bundles or revocations. Connections whose peer is trusted no longer end at once, with what is under way on them; connections that show an older certificate of ours
     * end without losing a request. Any thread; one task per event loop.
     */
    public void rotated() {
        String serial = source.svid().map(X509Svid::serial).orElse("");
        Review review = new Review(tls.svids());
        for (EventExecutor loop : loops) {
            loop.execute(() -> {
                of(inbound, loop).worker().governor().review(review);
                workers(loop).forEach(worker -> worker.rotated(serial));
            });
        }
    }

    /**
     * No new inbound connections, {@code connection: close} on every response; outbound stays open for the application's last calls. Returns at once; {@link #active} tells when it
     * is done, and at {@code deadline} what is left is cut.
     */
    public void beginDrain(Duration deadline) {
        Channel listener = inboundListener;
        if (listener != null) {
            listener.close();
        }
        inbound.values().forEach(lane -> lane.worker().drain());
        loops.next().schedule(() -> workers().forEach(Worker::abort), deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Stream<Worker> workers() {
        return inbound.keySet().stream().flatMap(this::workers);
    }

    /** Of one event loop, whose governor they share. */
    private Stream<Worker> workers(EventExecutor loop) {
        return Stream.of(of(inbound, loop).worker(), of(outbound, loop).worker());
    }

    /** Requests in flight, both directions. */
    public long active() {
        return metrics.active(Direction.INBOUND) + metrics.active(Direction.OUTBOUND);
    }

    /** Closes every listener and connection now; unfinished exchanges are recorded as such before this returns. The event loops stay the caller's. Blocks; not on an event loop. */
    @Override
    public void close() {
        Channel listener = inboundListener;
        if (listener != null) {
            listener.close().awaitUninterruptibly();
        }
        outboundListeners.forEach(channel -> channel.close().awaitUninterruptibly());
        workers().forEach(worker -> worker.abort().awaitUninterruptibly());
        checks.close();
    }
}
