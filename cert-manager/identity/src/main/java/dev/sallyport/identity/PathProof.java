package dev.sallyport.identity;

import java.security.cert.X509Certificate;
import java.time.Instant;

/** A path that was validated once: its identity, the root at which it ended, and the time during which every certificate of it is valid. */
record PathProof(SpiffeId id, X509Certificate root, Instant notBefore, Instant notAfter) {
    /** {@code bundle}: that of the identity's trust domain now. Of its other roots the path says nothing, so that they may come and go. */
    boolean holds(TrustBundle bundle, Instant now) {
        return !now.isBefore(notBefore)
                && !now.isAfter(notAfter)
                && bundle.authorities().contains(root);
    }
}
