package dev.sallyport.proxy.outbound;

import dev.sallyport.document.HostPort;
import dev.sallyport.policy.CanonicalRequest;
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
import dev.sallyport.proxy.upstream.Target;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * One request of the local application to another service, top to bottom: accept in the clear (loopback) → HTTP framing → canonical request → destination → mTLS to the expected
 * SPIFFE ID → relay → record. The other side decides; this side makes sure that it is the other side. Runs on the connection's event loop; nothing blocks.
 */
public final class Outbound extends ChannelInitializer<SocketChannel> {
    private final Function<SocketChannel, Worker> workers;
    private final Snapshots snapshots;
    private final Optional<HostPort> fixed;

    /** {@code fixed}: the destination of a named listener, port 0 for the service's only one; empty where {@code Host} names the destination. */
    public Outbound(Function<SocketChannel, Worker> workers, Snapshots snapshots, Optional<HostPort> fixed) {
        this.workers = workers;
        this.snapshots = snapshots;
        this.fixed = fixed;
    }

    @Override
    protected void initChannel(SocketChannel channel) { // 1. accept
        ExchangeHandler.install(
                channel,
                workers.apply(channel),
                Optional.empty(),
                Optional.empty(),
                this::handle); // 2. framing: strict, or Rejection and close
    }

    private void handle(Exchange exchange) {
        try {
            CompiledSnapshot snapshot = snapshots
                    .current()
                    .orElseThrow(() -> refused(
                            Reason.POLICY_UNAVAILABLE, "no valid snapshot")); // one version for the whole request
            exchange.record().revision = snapshot.snapshot().revision();
            exchange.record().policyDigest = snapshot.snapshot().policy().digest();
            exchange.record().callerId = snapshot.self().identity().toString();
            CanonicalRequest request = canonical(exchange); // 3. or path_rejected
            Destination destination = destination(request, snapshot.mesh()); // 4. or upstream_unknown, misdirected
            exchange.record().upstreamService = destination.service().name();
            forward(exchange, request, destination, snapshot); // 5. mTLS, relay
        } catch (RejectedException e) {
            exchange.reject(e.rejection());
        }
    } // 6. outcome: recorded once, at its end, by Exchange

    private Destination destination(CanonicalRequest request, Mesh mesh) throws RejectedException {
        String host = fixed.map(HostPort::host).orElse(request.authority());
        OptionalInt port = fixed.isPresent() ? declared(fixed.get().port()) : request.port();
        Destination found = Destination.find(host, port, mesh)
                .orElseThrow(() -> refused(
                        Reason.UPSTREAM_UNKNOWN,
                        "destination: " + host + " (expected: a service of the Mesh, and a declared port)"));
        if (found.kind() != Mesh.PortKind.HTTP) {
            throw refused(
                    Reason.MISDIRECTED,
                    "destination: " + found.authority() + ", declared "
                            + found.kind().word() + " (expected: a port that is declared http)");
        }
        return found;
    }

    private static OptionalInt declared(int port) {
        return port == 0 ? OptionalInt.empty() : OptionalInt.of(port);
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

    private static void forward(
            Exchange exchange, CanonicalRequest request, Destination destination, CompiledSnapshot snapshot)
            throws RejectedException {
        List<HostPort> endpoints = snapshot.snapshot()
                .endpoints()
                .byService()
                .getOrDefault(destination.service().name(), List.of());
        if (endpoints.isEmpty()) {
            throw new RejectedException(new Rejection.UpstreamFailed(
                    Reason.UPSTREAM_UNAVAILABLE,
                    "service " + destination.service().name() + ": no endpoint"));
        }
        HttpRequest head = Heads.withTarget(exchange.head(), request.target());
        HttpHeaders headers = head.headers();
        HeaderHygiene.removeHopByHop(headers);
        HeaderHygiene.removeIdentity(headers); // The application asserts nothing; the certificate does.
        headers.set(HttpHeaderNames.HOST, destination.authority());
        exchange.record().traceId = Tracing.ensure(headers, exchange.worker());
        Target target = new Target.Service(
                destination.service().name(),
                destination.port(),
                destination.sni(snapshot.mesh()),
                destination.service().identity(),
                endpoints);
        exchange.forward(head, target, answered -> {});
    }

    private static RejectedException refused(Reason reason, String detail) {
        return new RejectedException(new Rejection.Refused(reason, detail));
    }
}
