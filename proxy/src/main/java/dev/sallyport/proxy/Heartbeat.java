package dev.sallyport.proxy;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What the log says of this sidecar while it lives: how many requests of each kind since its start, so that whoever holds the records can count them, and by which policy and certificate it runs, so that a change that went
 * past the control plane shows. Any thread, quick.
 */
record Heartbeat(ProxyMetrics metrics, Snapshots snapshots, SvidSource svids) implements Supplier<Map<String, Object>> {
    @Override
    public Map<String, Object> get() {
        long allowed = 0;
        long denied = 0;
        long errors = 0;
        for (Direction direction : Direction.values()) {
            for (Reason reason : Reason.values()) {
                long count = metrics.requests(direction, reason);
                switch (kind(reason)) {
                    case ALLOW -> allowed += count;
                    case DENY -> denied += count;
                    case ERROR -> errors += count;
                }
            }
        }
        Map<String, Object> state = new LinkedHashMap<>();
        state.put(AuditFields.ALLOWED, allowed);
        state.put(AuditFields.DENIED, denied);
        state.put(AuditFields.ERRORS, errors);
        state.put(AuditFields.REFUSED_CONNECTIONS, metrics.refusedConnections());
        snapshots.latest().ifPresent(held -> {
            state.put(AuditFields.REVISION, held.snapshot().revision());
            state.put(AuditFields.POLICY_DIGEST, held.snapshot().policy().digest());
        });
        svids.svid().ifPresent(svid -> state.put(AuditFields.OWN_SERIAL, svid.serial()));
        state.put(AuditFields.SERVICE_VERSION, Sidecar.VERSION);
        return state;
    }

    private enum Kind {
        ALLOW,
        DENY,
        ERROR
    }

    /** By the reason alone; a request that its upstream failed was allowed, and is an error here. */
    private static Kind kind(Reason reason) {
        return switch (reason) {
            case ALLOWED -> Kind.ALLOW;
            case UPSTREAM_UNAVAILABLE,
                    UPSTREAM_TIMEOUT,
                    UPSTREAM_PROTOCOL,
                    CLIENT_TIMEOUT,
                    CLIENT_CLOSED,
                    OVERLOADED,
                    DRAINING,
                    INTERNAL_ERROR -> Kind.ERROR;
            default -> Kind.DENY;
        };
    }
}
