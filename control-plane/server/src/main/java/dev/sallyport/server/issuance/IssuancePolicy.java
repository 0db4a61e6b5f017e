package dev.sallyport.server.issuance;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.issuance.RefusedException.Reason;
import dev.sallyport.server.mesh.MeshState;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Who may hold which identity, for how long, and how often. What was revoked is asked again in the transaction of the issue ({@link RevocationRows#refuseBarred}). Any thread. */
final class IssuancePolicy {
    /** A test handshake follows at once. */
    private static final Duration CANARY_LIFE = Duration.ofMinutes(10);

    private final Supplier<MeshState> mesh;
    private final Duration life;
    private final Map<String, Duration> lives;
    private final IssuanceRates rates;

    /** {@code lives} by service name; {@code life} for all others. */
    IssuancePolicy(Supplier<MeshState> mesh, Duration life, Map<String, Duration> lives, LongSupplier nanoTime) {
        this.mesh = mesh;
        this.life = life;
        this.lives = Map.copyOf(lives);
        this.rates = new IssuanceRates(nanoTime);
    }

    /** Only identities of services that the Mesh declares now; never the product's own, whatever a document says. */
    void refuseUndeclared(SpiffeId identity) throws RefusedException {
        if (identity.reserved() || serviceOf(identity).isEmpty()) {
            throw new RefusedException(
                    Reason.NOT_DECLARED, identity + " (expected: the identity of a service that the Mesh declares)");
        }
    }

    Duration life(SpiffeId identity) {
        return serviceOf(identity)
                .map(service -> lives.getOrDefault(service.name(), life))
                .orElse(life);
    }

    Duration canaryLife(SpiffeId identity) {
        Duration life = life(identity);
        return life.compareTo(CANARY_LIFE) < 0 ? life : CANARY_LIFE;
    }

    /** Counts one certificate for an identity that was proven. */
    IssuanceRates.Spent spend(Method method, SpiffeId identity, String instance) throws ThrottledException {
        return rates.spend(method, identity, instance, method == Method.CANARY ? canaryLife(identity) : life(identity));
    }

    private Optional<Mesh.Service> serviceOf(SpiffeId identity) {
        return mesh.get().serviceOf(identity);
    }
}
