package dev.sallyport.server.budget;

import java.time.Duration;
import java.time.Instant;

/** A running sidecar's newest certificate. {@code instance}: its own random id, unique within its identity. */
record Workload(String identity, String instance, Instant notAfter, Instant renewAt) {
    /** Half of the time between the planned renewal and the end is over: retries do not help any more. */
    boolean late(Instant now) {
        return now.isAfter(renewAt.plus(Duration.between(renewAt, notAfter).dividedBy(2)));
    }
}
