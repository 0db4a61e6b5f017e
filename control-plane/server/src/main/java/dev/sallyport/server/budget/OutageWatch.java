package dev.sallyport.server.budget;

import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.mesh.LiveMesh;
import dev.sallyport.server.store.Store;
import dev.sallyport.server.stream.Sidecars;
import dev.sallyport.server.stream.Snapshots;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The outage budget as it is now, of the sidecars that hold a lease or a stream: one that was taken away fails nobody. Any thread; blocks on the store. */
public final class OutageWatch {
    /** Anybody may ask the metrics page, and each look costs the store's one thread a walk through the inventory. */
    private static final Duration KEPT = Duration.ofSeconds(1);

    private final Store store;
    private final Sidecars sidecars;
    private final Authorities authorities;
    private final LiveMesh mesh;
    private final OutagePlan plan;
    private final Clock clock;
    private Optional<OutageBudget> kept = Optional.empty(); // guarded by this, with the moment it was done
    private Instant keptAt = Instant.MIN;

    public OutageWatch(
            Store store, Sidecars sidecars, Authorities authorities, LiveMesh mesh, OutagePlan plan, Clock clock) {
        this.store = store;
        this.sidecars = sidecars;
        this.authorities = authorities;
        this.mesh = mesh;
        this.plan = plan;
        this.clock = clock;
    }

    public OutagePlan plan() {
        return plan;
    }

    /** At most {@link #KEPT} old. */
    public synchronized OutageBudget budget() {
        Instant now = clock.instant();
        if (kept.isPresent() && Duration.between(keptAt, now).abs().compareTo(KEPT) < 0) {
            return kept.get();
        }
        OutageBudget fresh = look(now);
        kept = Optional.of(fresh);
        keptAt = clock.instant(); // Not when the look began: a slow one would be stale before it is used.
        return fresh;
    }

    private OutageBudget look(Instant now) {
        Set<String> running = sidecars.all().stream()
                .map(sidecar -> sidecar.holder().instance())
                .collect(Collectors.toUnmodifiableSet());
        List<Workload> workloads = newest(now).stream()
                .filter(workload -> running.contains(workload.instance()))
                .toList();
        Instant snapshotsEnd = mesh.state().issuedAt().plus(Snapshots.VALIDITY);
        return OutageBudget.of(now, authorities.active().standing(), workloads, snapshotsEnd);
    }

    /** Of each sidecar the certificate that was issued last. A column beside {@code max} is of the row that has it (sqlite.org/lang_select.html, "bare columns"). */
    private List<Workload> newest(Instant now) {
        return store.read(handle -> handle.createQuery(
                        "select identity, instance, not_after, renew_at, max(issued_at) from certificates indexed by certificates_by_end"
                                + " where not_after > ? and revoked = 0 and method <> 'canary' group by identity, instance")
                .bind(0, now.toEpochMilli())
                .map((row, _) -> workload(row))
                .list());
    }

    private static Workload workload(ResultSet row) throws SQLException {
        return new Workload(
                row.getString("identity"),
                row.getString("instance"),
                Instant.ofEpochMilli(row.getLong("not_after")),
                Instant.ofEpochMilli(row.getLong("renew_at")));
    }
}
