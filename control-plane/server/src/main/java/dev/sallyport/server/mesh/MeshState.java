package dev.sallyport.server.mesh;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Mesh;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that snapshots are made of, at one moment. {@code policy} is empty before a first set; {@code jwks} by issuer name, of declared issuers only; {@code leased} the addresses
 * that sidecars hold, by service. {@code issuedAt} rises from state to state.
 */
public record MeshState(
        Optional<PolicyVersion> policy,
        SortedMap<String, String> jwks,
        SortedMap<String, List<HostPort>> leased,
        Instant issuedAt) {
    public MeshState {
        jwks = Collections.unmodifiableSortedMap(new TreeMap<>(jwks));
        leased = Collections.unmodifiableSortedMap(new TreeMap<>(leased));
    }

    public long revision() {
        return policy.map(PolicyVersion::revision).orElse(0L);
    }

    public Optional<Mesh> mesh() {
        return policy.map(version -> version.set().mesh());
    }

    public Optional<Mesh.Service> service(String name) {
        return mesh().flatMap(mesh -> Optional.ofNullable(mesh.services().get(name)));
    }

    /** The service that a peer is; empty for an identity that the Mesh does not declare. */
    public Optional<Mesh.Service> serviceOf(SpiffeId identity) {
        return mesh().flatMap(mesh -> mesh.serviceOf(identity));
    }

    boolean sameContent(MeshState other) {
        return policy.equals(other.policy) && jwks.equals(other.jwks) && leased.equals(other.leased);
    }
}
