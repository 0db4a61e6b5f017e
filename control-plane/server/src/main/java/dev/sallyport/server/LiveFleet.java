package dev.sallyport.server;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.ca.Fleet;
import dev.sallyport.server.ca.Instance;
import dev.sallyport.server.issuance.OwnSvid;
import dev.sallyport.server.mesh.Leases;
import dev.sallyport.server.mesh.LiveMesh;
import dev.sallyport.server.stream.Distribution;
import dev.sallyport.server.stream.Sidecars;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The fleet as it is: sidecars through their streams, this process through its own certificate. */
final class LiveFleet implements Fleet {
    /** Writes the administrator's context with the bundle of the day. */
    @FunctionalInterface
    interface AdminFile {
        void write() throws IOException;
    }

    private final Authorities authorities;
    private final LiveMesh mesh;
    private final Sidecars sidecars;
    private final Distribution distribution;
    private final OwnSvid own;
    private final AdminFile admin;

    LiveFleet(
            Authorities authorities,
            LiveMesh mesh,
            Sidecars sidecars,
            Distribution distribution,
            OwnSvid own,
            AdminFile admin) {
        this.authorities = authorities;
        this.mesh = mesh;
        this.sidecars = sidecars;
        this.distribution = distribution;
        this.own = own;
        this.admin = admin;
    }

    @Override
    public List<Seen> seen() {
        return sidecars.all().stream()
                .flatMap(sidecar -> instance(sidecar.holder()).stream()
                        .map(instance -> new Seen(
                                instance,
                                sidecar.connected(),
                                sidecar.serial(),
                                sidecar.lastSeen(),
                                sidecar.ack().flatMap(Wire.Ack::refused))))
                .toList();
    }

    @Override
    public Optional<String> service(String identity) {
        try {
            return mesh.state().serviceOf(SpiffeId.parse(identity)).map(Mesh.Service::name);
        } catch (InvalidSpiffeIdException e) {
            return Optional.empty();
        }
    }

    @Override
    public void tryCanary(Instance instance, String authority) {
        holder(instance).ifPresent(holder -> distribution.tryCanary(holder, authority));
    }

    @Override
    public void rotate(Instance instance, String reason) {
        holder(instance).ifPresent(holder -> distribution.rotate(holder, reason));
    }

    @Override
    public void leave(Set<String> serials, String reason) {
        distribution.end(serials, reason);
    }

    @Override
    public void follow() throws IssuanceRefusedException, AuthorityUnavailableException, IOException {
        own.follow(); // First: with it the new roots are accepted here before anybody is told to use them.
        mesh.trust(authorities.bundle());
        admin.write();
    }

    Optional<Instance> instance(Leases.Holder holder) {
        return mesh.state()
                .service(holder.service())
                .map(service -> new Instance(service.identity().toString(), holder.instance()));
    }

    private Optional<Leases.Holder> holder(Instance instance) {
        return service(instance.identity()).map(service -> new Leases.Holder(service, instance.id()));
    }
}
