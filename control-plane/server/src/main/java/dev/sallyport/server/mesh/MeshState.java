package dev.sallyport.server.mesh;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.policy.Mesh;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that snapshots are made of, at one moment. {@code policy} is empty before a first set; {@code jwks} by issuer name, of declared issuers only; {@code leased} the addresses
 * that sidecars hold, by service; {@code bundle} the roots of
 * our trust domain; {@code revocations} what has been taken back and has not ended by itself. {@code issuedAt} rises from state to state.
 */
public record MeshState(
        Optional<PolicyVersion> policy,
        SortedMap<String, String> jwks,
        SortedMap<String, List<HostPort>> leased,
        TrustBundle bundle,
        Revocations revocations,
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
        return policy.equals(other.policy)
                && jwks.equals(other.jwks)
                && leased.equals(other.leased)
                && bundle.equals(other.bundle)
                && revocations.equals(other.revocations);
    }

    MeshState with(PolicyVersion version, SortedMap<String, String> itsJwks) {
        return new MeshState(Optional.of(version), itsJwks, leased, bundle, revocations, issuedAt);
    }

    MeshState withJwks(SortedMap<String, String> byIssuer) {
        return new MeshState(policy, byIssuer, leased, bundle, revocations, issuedAt);
    }

    MeshState withLeased(SortedMap<String, List<HostPort>> byService) {
        return new MeshState(policy, jwks, byService, bundle, revocations, issuedAt);
    }

    MeshState withBundle(TrustBundle other) {
        return new MeshState(policy, jwks, leased, other, revocations, issuedAt);
    }

    MeshState withRevocations(Revocations other) {
        return new MeshState(policy, jwks, leased, bundle, other, issuedAt);
    }

    MeshState at(Instant later) {
        return new MeshState(policy, jwks, leased, bundle, revocations, later);
    }
}
