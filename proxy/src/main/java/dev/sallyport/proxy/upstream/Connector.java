package dev.sallyport.proxy.upstream;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.HandshakeMetrics.Result;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.tls.Peer;
import dev.sallyport.proxy.tls.RefusedPeerException;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Clock;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Opens connections: in the clear on this host, by mTLS to other sidecars. The server's exact SPIFFE ID is compared before a connection exists for anybody. Any loop. Open for tests of the pool only. */
public class Connector {
    private final Transport transport;
    private final SslContext tls;
    private final SvidVerifier svids;
    private final SvidSource source;
    private final Limits limits;
    private final Connections connections;
    private final ProxyMetrics metrics;
    private final Clock clock;

    public Connector(
            Transport transport,
            SslContext tls,
            SvidVerifier svids,
            SvidSource source,
            Limits limits,
            Connections connections,
            ProxyMetrics metrics,
            Clock clock) {
        this.transport = transport;
        this.tls = tls;
        this.svids = svids;
        this.source = source;
        this.limits = limits;
        this.connections = connections;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Exactly one of both, once, on the loop. */
    interface Outcome {
        void opened(UpstreamConnection connection);

        void failed(UpstreamFailure failure);
    }

    /** Whether new requests may begin on it: our certificate, if it showed one, is the one in force. Others' may change as they like; who loses by it is ended by the governor. */
    boolean current(UpstreamConnection connection) {
        if (connection.peer().isEmpty()) {
            return true;
        }
        Optional<X509Svid> own = source.svid();
        return own.isPresent()
                && own.get().serial().equals(connection.peer().get().ownSerial());
    }

    void connect(EventLoop loop, UpstreamPool pool, Target target, Endpoint endpoint, Outcome outcome) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        limits.connect().toMillis())
                .handler(new Opening());
        switch (endpoint.address()) {
            case Address.Tcp(HostPort at) -> {
                bootstrap.channel(transport.client()).option(ChannelOption.TCP_NODELAY, true);
                if (NetUtil.isValidIpV4Address(at.host()) || NetUtil.isValidIpV6Address(at.host())) {
                    InetSocketAddress literal = new InetSocketAddress(at.host(), at.port());
                    connect(bootstrap, literal, pool, target, endpoint, outcome);
                } else {
                    // A name: the JDK's resolver blocks, so never on the loop. Bounded by connectionsPerEndpoint.
                    Thread.startVirtualThread(() -> {
                        InetSocketAddress resolved = new InetSocketAddress(at.host(), at.port());
                        loop.execute(() -> {
                            if (resolved.isUnresolved()) { // Netty would look it up again, on the loop.
                                outcome.failed(UpstreamFailure.unavailable("no address for " + at.host()));
                            } else {
                                connect(bootstrap, resolved, pool, target, endpoint, outcome);
                            }
                        });
                    });
                }
            }
            case Address.UnixSocket(String path) -> {
                if (transport.unix().isPresent()) {
                    bootstrap.channel(transport.unix().get());
                    connect(bootstrap, new DomainSocketAddress(path), pool, target, endpoint, outcome);
                } else {
                    outcome.failed(UpstreamFailure.unavailable("connect to " + endpoint.address()
                            + ": no native sockets (expected: Linux, and Netty's native transport)"));
                }
            }
        }
    }

    private void connect(
            Bootstrap bootstrap,
            SocketAddress resolved,
            UpstreamPool pool,
            Target target,
            Endpoint endpoint,
            Outcome outcome) {
        Address address = endpoint.address();
        bootstrap.connect(resolved).addListener((ChannelFutureListener) connected -> {
            if (!connected.isSuccess()) {
                outcome.failed(UpstreamFailure.unavailable(
                        "connect to " + address + ": " + connected.cause().getMessage()));
            } else {
                metrics.upstreamConnected();
                switch (target) {
                    case Target.Application _, Target.Neighbour _ ->
                        outcome.opened(http(connected.channel(), pool, endpoint, Optional.empty()));
                    case Target.Service service -> handshake(connected.channel(), pool, service, endpoint, outcome);
                }
            }
        });
    }

    /** Holds the place of the connection. What goes wrong meanwhile is told by futures; a stranger's bytes are no warning in the log. */
    private static final class Opening extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {}
    }

    private void handshake(
            Channel channel, UpstreamPool pool, Target.Service target, Endpoint endpoint, Outcome outcome) {
        SslHandler handler = tls.newHandler(channel.alloc(), target.sni(), target.port());
        handler.setHandshakeTimeoutMillis(limits.handshake().toMillis());
        channel.pipeline().addFirst("tls", handler);
        handler.handshakeFuture().addListener(done -> {
            if (!done.isSuccess() || !channel.isActive()) {
                failed(
                        channel,
                        done.isSuccess()
                                ? UpstreamFailure.unavailable("closed by " + endpoint.address())
                                : refused(endpoint.address(), done.cause()),
                        outcome);
                return;
            }
            try {
                Peer peer = Peer.of(handler.engine(), svids);
                if (peer.id().equals(target.identity())) {
                    metrics.handshakes().ended(Direction.OUTBOUND, Result.SUCCESS);
                    outcome.opened(http(channel, pool, endpoint, Optional.of(peer)));
                } else {
                    failed(channel, identity(endpoint.address(), peer.id(), target.identity()), outcome);
                }
            } catch (SvidRejectedException | SSLPeerUnverifiedException e) {
                failed(
                        channel,
                        new UpstreamFailure(
                                Reason.UPSTREAM_IDENTITY,
                                "server at " + endpoint.address() + ": " + e.getMessage(),
                                false),
                        outcome);
            }
        });
    }

    private void failed(Channel channel, UpstreamFailure failure, Outcome outcome) {
        channel.close();
        boolean stranger = failure.reason() == Reason.UPSTREAM_IDENTITY;
        metrics.handshakes().ended(Direction.OUTBOUND, stranger ? Result.REFUSED : Result.FAILED);
        outcome.failed(failure);
    }

    private static UpstreamFailure identity(Address address, SpiffeId shown, SpiffeId expected) {
        return new UpstreamFailure(
                Reason.UPSTREAM_IDENTITY,
                "server at " + address + ": " + shown + " (expected: " + expected + ")",
                false);
    }

    private static UpstreamFailure refused(Address address, Throwable cause) {
        return RefusedPeerException.in(cause)
                .map(refusal -> new UpstreamFailure(
                        Reason.UPSTREAM_IDENTITY,
                        "server at " + address + ": " + refusal.reason().code() + ": " + refusal.getMessage(),
                        false))
                .orElseGet(
                        () -> UpstreamFailure.unavailable("TLS handshake with " + address + ": " + cause.getMessage()));
    }

    private UpstreamConnection http(Channel channel, UpstreamPool pool, Endpoint endpoint, Optional<Peer> peer) {
        Optional<Connections.Open> listed = peer.map(server -> connections.opened(
                Connections.Direction.OUTBOUND, server.id(), server.ownSerial(), server.serial(), clock.instant()));
        UpstreamConnection connection = new UpstreamConnection(pool, endpoint, channel, limits, peer, listed);
        channel.pipeline().replace(Opening.class, "connection", connection);
        pool.governor().govern(connection, channel.closeFuture(), peer);
        return connection;
    }
}
