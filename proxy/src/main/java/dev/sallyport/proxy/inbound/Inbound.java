package dev.sallyport.proxy.inbound;

import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RoutePolicy.Limit;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.exchange.Exchange;
import dev.sallyport.proxy.exchange.ExchangeHandler;
import dev.sallyport.proxy.exchange.RejectedException;
import dev.sallyport.proxy.exchange.Rejection;
import dev.sallyport.proxy.exchange.Tracing;
import dev.sallyport.proxy.exchange.Worker;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.limit.Counted;
import dev.sallyport.proxy.limit.LimitResult;
import dev.sallyport.proxy.limit.Limiter;
import dev.sallyport.proxy.opa.OpaResult;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.telemetry.HandshakeMetrics.Result;
import dev.sallyport.proxy.tls.Peer;
import dev.sallyport.proxy.token.Budget;
import dev.sallyport.proxy.token.SignatureCheck;
import dev.sallyport.proxy.upstream.Target;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One request from another sidecar to the local application, top to bottom: accept → TLS, client certificate required → peer SPIFFE ID → HTTP framing → canonical request → user
 * token → decide, perhaps with OPA's answer → limit → audit intent → upstream → relay → record. Each step either gives the next one its proof or ends in a {@link Rejection}. Runs on the connection's event loop; nothing blocks.
 */
public final class Inbound extends ChannelInitializer<SocketChannel> {
    /** What belongs to one event loop: its worker, the tokens it has verified, its way to OPA, and how users go on from here. */
    public record Lane(Worker worker, Verifiers tokens, Opa opa, Farewell users) {}

    /** Beyond a query's own timeout, which the asker keeps: only one that is broken is ever this late. */
    private static final Duration OPA_GRACE = Duration.ofMillis(100);

    /** No route's name. */
    private static final String NEW_TOKENS = "tokens";

    /** Before it others wait, a tenth of a second's work at most: only a machine that is overrun is ever this late. */
    private static final Duration SIGNATURE_WITHIN = Duration.ofSeconds(2);

    private static final Rejection UNCHECKED = new Rejection.Limited(1);

    private static final Rejection UNRECORDED =
            new Rejection.Refused(Reason.AUDIT_UNAVAILABLE, "its intent is not on the disk");

    private final SslContext tls;
    private final SvidVerifier svids;
    private final Duration handshakeTimeout;
    private final Function<SocketChannel, Lane> lanes;
    private final Snapshots snapshots;
    private final Connections connections;
    private final Limiter limiter;
    private final Target application;
    private final Limit newTokens;

    public Inbound(
            SslContext tls,
            SvidVerifier svids,
            Duration handshakeTimeout,
            Function<SocketChannel, Lane> lanes,
            Snapshots snapshots,
            Connections connections,
            Limiter limiter,
            int newTokensPerSecond,
            Target application) {
        this.tls = tls;
        this.svids = svids;
        this.handshakeTimeout = handshakeTimeout;
        this.lanes = lanes;
        this.snapshots = snapshots;
        this.connections = connections;
        this.limiter = limiter;
        this.application = application;
        // A small burst: whoever shares the loop waits for it.
        this.newTokens = new Limit(
                newTokensPerSecond, Duration.ofSeconds(1), Math.max(1, newTokensPerSecond / 10), Limit.Per.CALLER);
    }

    @Override
    protected void initChannel(SocketChannel channel) { // 1. accept
        Lane lane = lanes.apply(channel);
        if (!lane.worker()
                .admission()
                .handshake()) { // More than we can shake hands with: whoever is served goes first.
            lane.worker().metrics().handshakes().ended(Connections.Direction.INBOUND, Result.SHED);
            channel.close();
            return;
        }
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
                                svids,
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
        Caller caller = new Caller(peer, serverName, newTokens(peer, lane));
        ExchangeHandler connection = ExchangeHandler.install( // 4. framing: strict, or Rejection and close
                ctx.channel(),
                lane.worker(),
                Optional.of(peer),
                Optional.of(listed),
                exchange -> handle(lane, caller, exchange));
        lane.worker().governor().govern(connection, ctx.channel().closeFuture(), Optional.of(peer));
    }

    private Budget newTokens(Peer peer, Lane lane) {
        Counted who = new Counted.Caller(peer.id());
        return () -> {
            boolean within = limiter.take(NEW_TOKENS, newTokens, who).within();
            if (!within) {
                lane.worker().metrics().users().unjudgedToken();
            }
            return within;
        };
    }

    private void handle(Lane lane, Caller caller, Exchange exchange) {
        try {
            Instant now = exchange.record().time;
            CompiledSnapshot snapshot = snapshots
                    .at(now)
                    .orElseThrow(() -> refused(
                            Reason.POLICY_UNAVAILABLE, "no valid snapshot")); // one version for the whole request
            exchange.record().revision = snapshot.snapshot().revision();
            exchange.record().policyDigest = snapshot.snapshot().policy().digest();
            RequestHead head = exchange.head();
            destination(caller, snapshot);
            CanonicalRequest request = caller.heads().of(head, caller.relaxed(snapshot)); // 5. or path_rejected
            exchange.record().authority = request.authority();
            exchange.record().authorityPort = request.port().orElse(0);
            head.dropHopByHop(); // Before anything is judged: see there.
            decide(
                    lane,
                    new Call(
                            exchange,
                            caller,
                            snapshot,
                            request,
                            lane.tokens())); // 6. tokens, when a rule looks at the user
        } catch (RejectedException e) {
            refuse(exchange, e.rejection());
        }
    }

    /** The judgement. Whatever it looked at is on the exchange's record. */
    private void decide(Lane lane, Call call) throws RejectedException {
        Decision decision = call.snapshot().policies().decide(call.facts(), call.now()); // 7. decide
        Optional<SignatureCheck> check = call.facts().check();
        if (check.isPresent()) { // It looked at a token that nobody has seen before: what it said does not count.
            settle(lane, call, check.get());
            return;
        }
        InboundRecord.decided(call, decision);
        switch (decision) {
            case Decision.Ask ask -> ask(lane, call, ask);
            case Decision.Deny deny -> {
                DryRun.beside(call);
                throw new RejectedException(new Rejection.Denied(deny));
            }
            case Decision.Allow allow -> {
                DryRun.beside(call);
                forward(lane, call, admit(call, allow));
            }
        }
    }

    /** Once a request. */
    private void settle(Lane lane, Call call, SignatureCheck check) throws RejectedException {
        Consumer<Boolean> checked = call.exchange().await(SIGNATURE_WITHIN, UNCHECKED, holds -> {
            call.facts().settled(lane.tokens().own().settle(check, holds, call.now()));
            try {
                decide(lane, call); // 7. again, with what the token came to
            } catch (RejectedException e) {
                refuse(call.exchange(), e.rejection());
            }
        });
        if (!lane.tokens().checks().begin(check, lane.worker().loop(), checked)) {
            throw new RejectedException(UNCHECKED);
        }
    }

    /** Once a query: a policy cannot keep a request for ever, and asks at most as often as its route has rules with OPA. */
    private void ask(Lane lane, Call call, Decision.Ask ask) throws RejectedException {
        if (call.facts().opa(ask.query()).isPresent()) {
            throw refused(Reason.OPA_ERROR, "rule " + ask.rule() + " asks again what was answered");
        }
        Consumer<OpaResult> answered = call.exchange()
                .await(
                        ask.query().timeout().plus(OPA_GRACE),
                        new Rejection.Refused(Reason.OPA_ERROR, "no answer in time, rule " + ask.rule()),
                        answer -> {
                            call.facts().answered(ask.query(), answer);
                            try {
                                decide(lane, call); // 7. again, with the answer
                            } catch (RejectedException e) {
                                refuse(call.exchange(), e.rejection());
                            }
                        });
        lane.opa().ask(ask, call.facts(), call.snapshot(), call.now(), answered);
    }

    /** 8. What was allowed may still be too much. */
    private Admitted admit(Call call, Decision.Allow allow) throws RejectedException {
        Optional<User> user = allow.user(call.facts());
        if (allow.limit().isPresent() && allow.route().isPresent()) {
            Limit limit = allow.limit().get();
            LimitResult result = limiter.take(
                    allow.route().get().name(),
                    limit,
                    Counted.of(limit.per(), call.caller().peer().id(), user));
            call.record().limit = result.verdict().word();
            if (!result.within()) {
                throw new RejectedException(new Rejection.Limited(result.retryAfterSeconds()));
            }
        }
        return new Admitted(application, allow, user);
    }

    private void forward(Lane lane, Call call, Admitted admitted) {
        Exchange exchange = call.exchange();
        IdentityHeaders.rewrite(exchange.head(), admitted, call.caller(), call.snapshot());
        Tracing.ensure(exchange);
        lane.users().proven(call, admitted);
        switch (admitted.allow().audit()) { // 9. its intent on record, as the route wants it
            case BUFFERED -> exchange.forward(admitted); // 10. upstream, relay
            case OVERLAPPED -> {
                exchange.record().level = "overlapped";
                lane.worker().intent(exchange.record(), exchange.holdResponse(UNRECORDED));
                exchange.forward(admitted);
            }
            case REQUIRED -> {
                exchange.record().level = "required";
                lane.worker()
                        .intent(
                                exchange.record(),
                                exchange.await(lane.worker().limits().auditRecord(), UNRECORDED, durable -> {
                                    if (durable) {
                                        exchange.forward(admitted);
                                    } else {
                                        exchange.reject(UNRECORDED);
                                    }
                                }));
            }
        }
    } // 11. outcome: recorded once, at its end, by Exchange

    private static void refuse(Exchange exchange, Rejection why) {
        // A denial belongs to its trace as well: the caller's record leads to this one.
        Tracing.ensure(exchange);
        exchange.reject(why); // one status per Rejection
    }

    /** The caller meant an HTTP port of this very service, or the connection went astray: on a port of another kind the rules of HTTP would judge bytes that are none. */
    private static void destination(Caller caller, CompiledSnapshot snapshot) throws RejectedException {
        if (!caller.expected(snapshot)) {
            throw refused(
                    Reason.MISDIRECTED,
                    "SNI: " + caller.serverName().orElse("none") + " (expected: a port of "
                            + snapshot.self().name() + " that is declared http)");
        }
    }

    private static RejectedException refused(Reason reason, String detail) {
        return new RejectedException(new Rejection.Refused(reason, detail));
    }
}
