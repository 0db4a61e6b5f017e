package dev.sallyport.proxy.outbound;

import dev.sallyport.document.HostPort;
import dev.sallyport.policy.Authority;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.exchange.CanonicalHeads;
import dev.sallyport.proxy.exchange.RejectedException;
import dev.sallyport.proxy.exchange.Rejection;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import dev.sallyport.proxy.upstream.Target;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The local application on one connection. Its requests mostly go where the last one went: the way there is worked out once a host and snapshot. Event loop only. */
final class LocalCaller {
    private final Optional<HostPort> fixed;
    private final CanonicalHeads heads = new CanonicalHeads();
    private @Nullable CompiledSnapshot snapshot;
    private String self = "";
    private @Nullable Authority asked;
    private @Nullable ToPeer answer;

    /** {@code fixed}: as of {@link Outbound}. */
    LocalCaller(Optional<HostPort> fixed) {
        this.fixed = fixed;
    }

    CanonicalHeads heads() {
        return heads;
    }

    /** The SPIFFE ID of the service that the application is, by this snapshot. */
    String self(CompiledSnapshot current) {
        see(current);
        return self;
    }

    /** Where {@code authority} leads by this snapshot. */
    ToPeer destination(Authority authority, CompiledSnapshot current) throws RejectedException {
        see(current);
        ToPeer known = answer;
        if (known == null || !authority.equals(asked)) {
            known = find(authority, current);
            asked = authority;
            answer = known;
        }
        return known;
    }

    @SuppressWarnings("ReferenceEquality") // A snapshot is one object as long as it is in force.
    private void see(CompiledSnapshot current) {
        if (snapshot != current) {
            snapshot = current;
            self = current.self().identity().toString();
            answer = null;
        }
    }

    private ToPeer find(Authority authority, CompiledSnapshot current) throws RejectedException {
        String host = fixed.map(HostPort::host).orElse(authority.host());
        OptionalInt port = fixed.isPresent() ? declared(fixed.get().port()) : authority.port();
        Destination found = Destination.find(host, port, current.mesh())
                .orElseThrow(() -> refused(
                        Reason.UPSTREAM_UNKNOWN,
                        "destination: " + host + " (expected: a service of the Mesh, and a declared port)"));
        if (found.kind() != Mesh.PortKind.HTTP) {
            throw refused(
                    Reason.MISDIRECTED,
                    "destination: " + found.authority() + ", declared "
                            + found.kind().word() + " (expected: a port that is declared http)");
        }
        return way(found, current);
    }

    private static ToPeer way(Destination found, CompiledSnapshot current) throws RejectedException {
        Mesh.Service service = found.service();
        Target.Service target = current.sidecars(service.name(), found.port())
                .orElseThrow(() -> new RejectedException(new Rejection.UpstreamFailed(
                        Reason.UPSTREAM_UNAVAILABLE, "service " + service.name() + ": no endpoint")));
        return new ToPeer(target, found.authority(), service.relaxed(found.port()));
    }

    private static OptionalInt declared(int port) {
        return port == 0 ? OptionalInt.empty() : OptionalInt.of(port);
    }

    private static RejectedException refused(Reason reason, String detail) {
        return new RejectedException(new Rejection.Refused(reason, detail));
    }
}
