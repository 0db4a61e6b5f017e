package dev.sallyport.server.mesh;

import dev.sallyport.document.HostPort;
import dev.sallyport.server.store.Store;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Who listens where: a sidecar holds its address for {@link #TERM} after its stream was last seen. Persisted; after a restart every lease gets a full term, so that a control
 * plane which was away withdraws nobody. Any thread; blocks.
 */
public final class Leases {
    /** Three missed extensions of {@link #EXTEND_EVERY}. */
    public static final Duration TERM = Duration.ofSeconds(90);

    public static final Duration EXTEND_EVERY = Duration.ofSeconds(30);

    /** A sidecar of a service; {@code instance} is its own stable random id. */
    public record Holder(String service, String instance) {}

    private record Lease(HostPort advertise, Instant until) {}

    private final Store store;
    private final Clock clock;
    private final Map<Holder, Lease> leases = new HashMap<>(); // guarded by this

    public Leases(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
        Instant fullTerm = clock.instant().plus(TERM);
        store.change(handle -> handle.execute("update leases set until = ?", fullTerm.toEpochMilli()));
        store.read(handle -> handle.createQuery("select service, instance, advertise from leases")
                        .map((row, _) -> Map.entry(
                                new Holder(row.getString("service"), row.getString("instance")),
                                row.getString("advertise")))
                        .list())
                .forEach(row -> HostPort.parse(row.getValue())
                        .ifPresent(advertise -> leases.put(row.getKey(), new Lease(advertise, fullTerm))));
    }

    /** Takes or renews a lease. The same address under another instance of the service is an earlier life of this sidecar: that lease ends. */
    public synchronized void hold(Holder holder, HostPort advertise) {
        Instant until = clock.instant().plus(TERM);
        leases.entrySet()
                .removeIf(entry -> entry.getKey().service().equals(holder.service())
                        && entry.getValue().advertise().equals(advertise));
        leases.put(holder, new Lease(advertise, until));
        store.change(handle -> {
            handle.execute(
                    "delete from leases where service = ? and advertise = ?", holder.service(), advertise.toString());
            return handle.execute(
                    "insert or replace into leases (service, instance, advertise, until) values (?, ?, ?, ?)",
                    holder.service(),
                    holder.instance(),
                    advertise.toString(),
                    until.toEpochMilli());
        });
    }

    /** Extends the leases of those whose stream lives, and ends those whose term is over. */
    public synchronized void sweep(Collection<Holder> alive) {
        Instant now = clock.instant();
        Instant until = now.plus(TERM);
        for (Holder holder : alive) {
            leases.computeIfPresent(holder, (_, lease) -> new Lease(lease.advertise(), until));
        }
        List<Holder> ended = leases.entrySet().stream()
                .filter(entry -> entry.getValue().until().isBefore(now))
                .map(Map.Entry::getKey)
                .toList();
        ended.forEach(leases::remove);
        store.change(handle -> {
            for (Holder holder : alive) {
                handle.execute(
                        "update leases set until = ? where service = ? and instance = ?",
                        until.toEpochMilli(),
                        holder.service(),
                        holder.instance());
            }
            for (Holder holder : ended) {
                handle.execute(
                        "delete from leases where service = ? and instance = ?", holder.service(), holder.instance());
            }
            return ended;
        });
    }

    public synchronized Map<Holder, HostPort> held() {
        return leases.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, entry -> entry.getValue().advertise()));
    }

    /** Addresses by service, in a fixed order. */
    public synchronized SortedMap<String, List<HostPort>> byService() {
        SortedMap<String, List<HostPort>> addresses = new TreeMap<>();
        leases.keySet().stream()
                .map(Holder::service)
                .distinct()
                .forEach(service -> addresses.put(service, addressesOf(service)));
        return addresses;
    }

    private List<HostPort> addressesOf(String service) {
        return leases.entrySet().stream()
                .filter(entry -> entry.getKey().service().equals(service))
                .map(entry -> entry.getValue().advertise())
                .distinct()
                .sorted(java.util.Comparator.comparing(HostPort::toString))
                .toList();
    }
}
