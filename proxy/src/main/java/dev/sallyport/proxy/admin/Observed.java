package dev.sallyport.proxy.admin;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.proxy.controlplane.ControlPlaneClient;
import dev.sallyport.proxy.snapshot.SnapshotClient;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.svid.SvidClient;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import java.time.Clock;

/** What pages and metrics read: each safe from any thread, none of them slow. */
public record Observed(
        String service,
        String version,
        Snapshots snapshots,
        SnapshotClient snapshotClient,
        SvidClient svid,
        ControlPlaneClient controlPlane,
        Connections connections,
        ProxyMetrics metrics,
        AuditLog audit,
        Clock clock) {}
