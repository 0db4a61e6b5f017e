package dev.sallyport.cli.demo;

/**
 * What the demo's clients did, counted where they did it, and so how many records must exist: two for each hop, because both sidecars record it; one for a hop whose other side
 * never saw a request; one for each refused connection. Any thread.
 */
final class Ledger {
    private long requests;
    private long hops;
    private long oneSided;
    private long refusedConnections;

    /** A request that passes, or is refused at the end of, {@code hops} hops. */
    synchronized void request(int hops) {
        requests++;
        this.hops += hops;
    }

    /** A request that its own sidecar stopped: the calling side is the only one that has a record. */
    synchronized void oneSidedRequest() {
        requests++;
        oneSided++;
    }

    /** A connection that ended before it could carry a request. */
    synchronized void refusedConnection() {
        refusedConnections++;
    }

    synchronized long expectedRecords() {
        return 2 * hops + oneSided + refusedConnections;
    }

    /** The sum as people read it. */
    synchronized String arithmetic() {
        return requests + " requests over " + hops + " hops x 2 sides + " + oneSided
                + " stopped by the caller's own sidecar + " + refusedConnections + " refused connections = "
                + expectedRecords() + " records";
    }
}
