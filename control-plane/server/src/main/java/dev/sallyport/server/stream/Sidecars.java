package dev.sallyport.server.stream;

import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.mesh.Leases;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** What is known of every sidecar that holds a lease or a stream. In memory: after a restart they come back by themselves. Any thread. */
public final class Sidecars {
    /** One sidecar. {@code identity} and {@code serial} are empty until it has been seen since the start of this process; {@code serial}: of the certificate that opened its newest stream. */
    public record Sidecar(
            Leases.Holder holder,
            Optional<SpiffeId> identity,
            boolean connected,
            HostPort advertise,
            Optional<String> serial,
            Optional<Wire.Ack> ack,
            Optional<Instant> lastSeen) {
        boolean applied(long epoch, long revision) {
            return ack.filter(last -> last.refused().isEmpty() && last.epoch() == epoch && last.revision() == revision)
                    .isPresent();
        }

        boolean refused() {
            return ack.flatMap(Wire.Ack::refused).isPresent();
        }

        private Sidecar withConnected(boolean now, Instant at) {
            return new Sidecar(holder, identity, now, advertise, serial, ack, Optional.of(at));
        }
    }

    private final Map<Leases.Holder, Sidecar> known = new ConcurrentHashMap<>();

    public Sidecars(Map<Leases.Holder, HostPort> held) {
        held.forEach((holder, advertise) -> known.put(
                holder,
                new Sidecar(
                        holder,
                        Optional.empty(),
                        false,
                        advertise,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())));
    }

    void connected(Leases.Holder holder, SpiffeId identity, String serial, HostPort advertise, Instant now) {
        known.compute(
                holder,
                (_, old) -> new Sidecar(
                        holder,
                        Optional.of(identity),
                        true,
                        advertise,
                        Optional.of(serial),
                        Optional.ofNullable(old).flatMap(Sidecar::ack),
                        Optional.of(now)));
    }

    void disconnected(Leases.Holder holder, Instant now) {
        update(holder, sidecar -> sidecar.withConnected(false, now));
    }

    /** False when no such sidecar is known. Which certificate it uses is what the handshake of its stream proved, not what it says. */
    boolean acked(Leases.Holder holder, Wire.Ack ack, Instant now) {
        return update(
                holder,
                sidecar -> new Sidecar(
                        holder,
                        sidecar.identity(),
                        sidecar.connected(),
                        sidecar.advertise(),
                        sidecar.serial(),
                        Optional.of(ack),
                        Optional.of(now)));
    }

    private boolean update(Leases.Holder holder, UnaryOperator<Sidecar> change) {
        return known.computeIfPresent(holder, (_, old) -> change.apply(old)) != null;
    }

    /** Forgets those that are neither connected nor hold a lease. */
    void retain(Collection<Leases.Holder> holding) {
        known.values().removeIf(sidecar -> !sidecar.connected() && !holding.contains(sidecar.holder()));
    }

    /** By service, then instance. */
    public List<Sidecar> all() {
        return known.values().stream()
                .sorted(Comparator.comparing(
                                (Sidecar sidecar) -> sidecar.holder().service())
                        .thenComparing(sidecar -> sidecar.holder().instance()))
                .toList();
    }

    public long connectedCount() {
        return known.values().stream().filter(Sidecar::connected).count();
    }

    /** Connected ones whose last word is that this revision is in force with them. */
    public long appliedCount(long epoch, long revision) {
        return known.values().stream()
                .filter(sidecar -> sidecar.connected() && sidecar.applied(epoch, revision))
                .count();
    }

    /** Connected ones whose last word is a refusal. */
    public long refusedCount() {
        return known.values().stream()
                .filter(sidecar -> sidecar.connected() && sidecar.refused())
                .count();
    }
}
