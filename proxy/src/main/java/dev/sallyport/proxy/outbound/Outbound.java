package dev.sallyport.proxy.outbound;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.document.HostPort;
import dev.sallyport.policy.Authority;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.carry.Onward;
import dev.sallyport.proxy.exchange.Exchange;
import dev.sallyport.proxy.exchange.ExchangeHandler;
import dev.sallyport.proxy.exchange.RejectedException;
import dev.sallyport.proxy.exchange.Rejection;
import dev.sallyport.proxy.exchange.Tracing;
import dev.sallyport.proxy.exchange.Worker;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.telemetry.UserMetrics;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.util.Optional;
import java.util.function.Function;

/**
 * One request of the local application to another service, top to bottom: accept in the clear (loopback) → HTTP framing → canonical host → destination → canonical request → its user → mTLS to the expected
 * SPIFFE ID → relay → record. The other side decides; this side makes sure that it is the other side. Runs on the connection's event loop; nothing blocks.
 */
public final class Outbound extends ChannelInitializer<SocketChannel> {
    /** What belongs to one event loop: its worker, and whose user goes on with a request. */
    public record Lane(Worker worker, Onward onward) {}

    private final Function<SocketChannel, Lane> lanes;
    private final Snapshots snapshots;
    private final Optional<HostPort> fixed;
    /** {@code fixed}: the destination of a named listener, port 0 for the service's only one; empty where {@code Host} names the destination. */
    public Outbound(Function<SocketChannel, Lane> lanes, Snapshots snapshots, Optional<HostPort> fixed) {
        this.lanes = lanes;
        this.snapshots = snapshots;
        this.fixed = fixed;
    }

    @Override
    protected void initChannel(SocketChannel channel) { // 1. accept
        Lane lane = lanes.apply(channel);
        Worker worker = lane.worker();
        LocalCaller caller = new LocalCaller(fixed);
        ExchangeHandler connection = ExchangeHandler.install(
                channel,
                worker,
                Optional.empty(),
                Optional.empty(),
                exchange -> handle(lane, caller, exchange)); // 2. framing: strict, or Rejection and close
        worker.governor().govern(connection, channel.closeFuture(), Optional.empty());
    }

    private void handle(Lane lane, LocalCaller caller, Exchange exchange) {
        try {
            CompiledSnapshot snapshot = snapshots
                    .at(exchange.record().time)
                    .orElseThrow(() -> new RejectedException(new Rejection.Refused(
                            Reason.POLICY_UNAVAILABLE, "no valid snapshot"))); // one version for the whole request
            RequestHead head = exchange.head();
            AuditRecord record = exchange.record();
            record.revision = snapshot.snapshot().revision();
            record.policyDigest = snapshot.snapshot().policy().digest();
            record.callerId = caller.self(snapshot);
            Authority authority = caller.heads().authority(head); // 3. canonical host, or path_rejected
            record.authority = authority.host();
            record.authorityPort = authority.port().orElse(0);
            ToPeer peer = caller.destination(authority, snapshot); // 4. or upstream_unknown, misdirected
            record.upstreamService = peer.to().service();
            caller.heads().of(head, peer.relaxed()); // 5. canonical request, as the other side will judge it
            head.dropHopByHop();
            head.dropIdentity(); // The application asserts nothing; the certificate does.
            head.set(Field.HOST, peer.authority());
            user(lane, exchange); // 6. whose request it is, if it shows
            Tracing.ensure(exchange);
            exchange.forward(peer); // 7. mTLS to the expected SPIFFE ID, relay
        } catch (RejectedException e) {
            Tracing.ensure(exchange); // A refusal belongs to its trace as well.
            exchange.reject(e.rejection());
        }
    } // 8. outcome: recorded once, at its end, by Exchange

    private static void user(Lane lane, Exchange exchange) {
        AuditRecord record = exchange.record();
        Onward.Passenger passenger = lane.onward().attach(exchange.head(), exchange.worker(), record.time);
        lane.worker().metrics().users().carried(passenger.outcome());
        if (passenger.outcome() != UserMetrics.Carried.NONE) {
            record.userCarried = passenger.outcome().word();
        }
        if (passenger.user().isPresent()) {
            User user = passenger.user().get();
            record.userIssuer = user.issuer();
            record.userHash = lane.worker().pseudonyms().ofSubject(user.issuer(), user.subject());
            record.userVia = user.carriedBy().isEmpty() ? null : user.carriedBy();
        }
    }
}
