package dev.sallyport.proxy.inbound;

import dev.sallyport.contract.MeshNames;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RequestRejectedException;
import dev.sallyport.proxy.exchange.Exchange;
import dev.sallyport.proxy.exchange.ExchangeHandler;
import dev.sallyport.proxy.exchange.RejectedException;
import dev.sallyport.proxy.exchange.Rejection;
import dev.sallyport.proxy.exchange.Tracing;
import dev.sallyport.proxy.exchange.Worker;
import dev.sallyport.proxy.http.HeaderHygiene;
import dev.sallyport.proxy.http.Heads;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.tls.Peer;
import dev.sallyport.proxy.token.TokenVerifier;
import dev.sallyport.proxy.upstream.Target;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/**
 * One request from another sidecar to the local application, top to bottom: accept → TLS, client certificate required → peer SPIFFE ID → HTTP framing → canonical request → user
 * token → decide → upstream → relay → record. Each step either gives the next one its proof or ends in a {@link Rejection}. Runs on the connection's event loop; nothing blocks.
 */
public final class Inbound extends ChannelInitializer<SocketChannel> {
    /** What belongs to one event loop: its worker, and the tokens it has verified. */
    public record Lane(Worker worker, TokenVerifier tokens) {}

    private final SslContext tls;
    private final Duration handshakeTimeout;
    private final Function<SocketChannel, Lane> lanes;
    private final Snapshots snapshots;
    private final Connections connections;
    private final Target application;

    public Inbound(
            SslContext tls,
            Duration handshakeTimeout,
            Function<SocketChannel, Lane> lanes,
            Snapshots snapshots,
            Connections connections,
            Target application) {
        this.tls = tls;
        this.handshakeTimeout = handshakeTimeout;
        this.lanes = lanes;
        this.snapshots = snapshots;
        this.connections = connections;
        this.application = application;
    }

    @Override
    protected void initChannel(SocketChannel channel) { // 1. accept
        Lane lane = lanes.apply(channel);
        SslHandler handler = tls.newHandler(channel.alloc()); // 2. TLS 1.3, client certificate required
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        channel.pipeline()
                .addLast("first", new FirstByteHandler())
                .addLast("tls", handler)
                .addLast(
                        "identity",
                        new PeerIdentityHandler(
                                lane.worker(),
                                handler,
                                (ctx, peer, serverName) ->
                                        serve(ctx, lane, peer, serverName))); // 3. no SPIFFE ID: close
    }

    private void serve(
            ChannelHandlerContext ctx,
            Lane lane,
            Peer peer,
            Optional<String> serverName) { // HTTP exists only after identity
        Connections.Open listed = connections.opened(
                Connections.Direction.INBOUND,
                peer.id(),
                peer.ownSerial(),
                peer.serial(),
                lane.worker().clock().instant());
        ctx.channel().closeFuture().addListener(closed -> connections.closed(listed));
        ExchangeHandler.install( // 4. framing: strict, or Rejection and close
                ctx.channel(),
                lane.worker(),
                Optional.of(peer),
                Optional.of(listed),
                exchange -> handle(lane, peer, serverName, exchange));
    }

    private void handle(Lane lane, Peer peer, Optional<String> serverName, Exchange exchange) {
        try {
            CompiledSnapshot snapshot = snapshots
                    .current()
                    .orElseThrow(() -> refused(
                            Reason.POLICY_UNAVAILABLE, "no valid snapshot")); // one version for the whole request
            exchange.record().revision = snapshot.snapshot().revision();
            exchange.record().policyDigest = snapshot.snapshot().policy().digest();
            Admitted admitted = admit(
                    lane,
                    peer,
                    serverName,
                    exchange,
                    snapshot,
                    lane.worker().clock().instant());
            forward(exchange, admitted, snapshot.self().identity()); // 8. upstream, relay: only Admitted
        } catch (RejectedException e) {
            // A denial belongs to its trace as well: the caller's record leads to this one.
            exchange.record().traceId = Tracing.ensure(exchange.head().headers(), exchange.worker());
            exchange.reject(e.rejection()); // one status per Rejection
        }
    } // 9. outcome: recorded once, at its end, by Exchange

    /** The judgement. Whatever it looked at is on the exchange's record. */
    private Admitted admit(
            Lane lane,
            Peer peer,
            Optional<String> serverName,
            Exchange exchange,
            CompiledSnapshot snapshot,
            Instant now)
            throws RejectedException {
        HttpRequest head = exchange.head();
        destination(serverName, snapshot);
        CanonicalRequest request = canonical(exchange); // 5. or path_rejected
        HeadFacts facts = new HeadFacts(
                peer.id(),
                request,
                head.headers(),
                snapshot,
                lane.tokens(),
                now); // 6. the token, when a rule looks at it
        Decision decision = snapshot.policies().decide(facts, now); // 7. decide
        InboundRecord.decided(exchange, request, decision, facts);
        return switch (decision) {
            case Decision.Deny deny -> throw new RejectedException(new Rejection.Denied(deny));
            case Decision.Allow allow -> new Admitted(peer, request, allow, allow.user(facts));
            case Decision.Ask ask -> throw refused(Reason.OPA_ERROR, "OPA cannot be asked yet: " + ask.rule());
        };
    }

    /** The caller meant an HTTP port of this very service, or the connection went astray: on a port of another kind the rules of HTTP would judge bytes that are none. */
    private static void destination(Optional<String> serverName, CompiledSnapshot snapshot) throws RejectedException {
        boolean ours = serverName
                .flatMap(name -> MeshNames.parseSni(name, snapshot.mesh().trustDomain()))
                .filter(meant -> meant.service().equals(snapshot.self().name())
                        && snapshot.self().ports().get(meant.port()) == Mesh.PortKind.HTTP)
                .isPresent();
        if (!ours) {
            throw refused(
                    Reason.MISDIRECTED,
                    "SNI: " + serverName.orElse("none") + " (expected: a port of "
                            + snapshot.self().name() + " that is declared http)");
        }
    }

    private static CanonicalRequest canonical(Exchange exchange) throws RejectedException {
        try {
            CanonicalRequest request = Heads.canonical(exchange.head());
            exchange.record().authority = request.authority();
            return request;
        } catch (RequestRejectedException e) {
            throw new RejectedException(new Rejection.Malformed(e.reason(), String.valueOf(e.getMessage())));
        }
    }

    private void forward(Exchange exchange, Admitted admitted, SpiffeId self) {
        HttpRequest head = Heads.withTarget(exchange.head(), admitted.request().target());
        IdentityHeaders.rewrite(head.headers(), self, admitted);
        exchange.record().traceId = Tracing.ensure(head.headers(), exchange.worker());
        exchange.forward(head, application, HeaderHygiene::removeIdentity);
    }

    private static RejectedException refused(Reason reason, String detail) {
        return new RejectedException(new Rejection.Refused(reason, detail));
    }
}
