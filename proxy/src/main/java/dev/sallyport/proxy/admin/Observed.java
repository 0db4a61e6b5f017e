package dev.sallyport.proxy.admin;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.ship.Shipped;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.svid.Membership;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import java.time.Clock;
import java.util.Optional;

/** What pages and metrics read: each safe from any thread, none of them slow. {@code shipped}: empty where nobody takes the records. */
public record Observed(
        String service,
        String version,
        Snapshots snapshots,
        Membership member,
        Connections connections,
        ProxyMetrics metrics,
        AuditLog audit,
        Optional<Shipped> shipped,
        Clock clock) {
    /** Whether the certificate in use is among those that no longer count, as far as anybody has told us. */
    boolean revoked() {
        X509Svid svid = member.svid();
        return snapshots
                .latest()
                .filter(held -> held.snapshot().revocations().holds(svid.id(), svid.serial()))
                .isPresent();
    }
}
