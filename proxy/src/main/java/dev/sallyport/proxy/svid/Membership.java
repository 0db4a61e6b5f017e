package dev.sallyport.proxy.svid;

import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.ship.Collector;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How this process is a member of its mesh: it has an SVID, trusts bundles and obeys snapshots, and whoever implements this keeps all three fresh. What can be read is for pages and
 * metrics, from any thread and never slow.
 */
public interface Membership {
    /** The live certificate. */
    X509Svid svid();

    /** When the next one is asked for; empty when nobody asks because somebody else brings it. */
    Optional<Instant> renewAt();

    /** Certificates that went live after the first, and attempts that failed, since start. */
    long renewals();

    long renewalFailures();

    /** Snapshots refused since start; the one held stayed. */
    long snapshotsRefused();

    /** Whose certificates count. */
    List<TrustBundle> bundles();

    /** Whether a stream to the control plane is open; empty in a mesh without one. */
    Optional<Boolean> connected();

    /** A token of this issuer, as the Mesh names it, named a key that the snapshot does not have: whoever brings snapshots should look for newer keys. Any thread; returns at once. */
    void keyWanted(String issuerName);

    /** Where the records of this sidecar go; empty in a mesh without a control plane. */
    Optional<Collector> collector();

    /** From here on it follows what changes. Returns at once. */
    void start();

    /** Ends what reaches outside of the process. */
    void stop();
}
