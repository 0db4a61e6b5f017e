package dev.sallyport.server.stream;

import dev.sallyport.contract.Frames;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.Wire;
import dev.sallyport.server.mesh.MeshIdentity;
import dev.sallyport.server.mesh.MeshState;
import dev.sallyport.server.mesh.SigningKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What a service's sidecars are sent: built and signed once for each state and service, then shared as the frame's bytes. Any thread. */
public final class Snapshots {
    /** How long a sidecar may act on it without hearing from us. */
    public static final Duration VALIDITY = Duration.ofHours(24);

    /** Each is issued again after this, changed or not. */
    static final Duration REISSUED_AFTER = VALIDITY.dividedBy(2);

    /** The least that a connected sidecar has left of one, at any moment. */
    public static final Duration LEFT_AT_REISSUE = VALIDITY.minus(REISSUED_AFTER);

    private record Round(Instant issuedAt, Map<String, byte[]> frames) {}

    private final MeshIdentity mesh;
    private final SigningKeys keys;
    private volatile Optional<Round> round = Optional.empty();

    public Snapshots(MeshIdentity mesh, SigningKeys keys) {
        this.mesh = mesh;
        this.keys = keys;
    }

    /** The frame with the snapshot of {@code service} in this state; empty when the Mesh does not declare it. */
    Optional<byte[]> frame(MeshState state, String service) {
        if (state.service(service).isEmpty() || state.policy().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(round(state)
                .frames()
                .computeIfAbsent(
                        service,
                        _ -> Frames.frame(Wire.encode(
                                new Wire.Down.Snapshot(keys.keyList(), keys.sign(snapshot(state, service)))))));
    }

    private Round round(MeshState state) {
        Optional<Round> current = round;
        if (current.isPresent() && current.get().issuedAt().equals(state.issuedAt())) {
            return current.get();
        }
        Round next = new Round(state.issuedAt(), new ConcurrentHashMap<>());
        round = Optional.of(next);
        return next;
    }

    private MeshSnapshot snapshot(MeshState state, String name) {
        return MeshSnapshot.of(
                state.policy().orElseThrow().set(),
                state.service(name).orElseThrow(),
                new MeshSnapshot.Edition(
                        mesh.epoch(),
                        state.revision(),
                        state.issuedAt(),
                        state.issuedAt().plus(VALIDITY)),
                new MeshSnapshot.Trust(List.of(state.bundle())),
                state.revocations(),
                new MeshSnapshot.Keys(state.jwks()),
                state.leased());
    }
}
