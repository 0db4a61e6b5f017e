package dev.sallyport.identity;

import java.time.Instant;

/** A path that was validated once: its identity, and the time during which every certificate of it is valid. */
record PathProof(SpiffeId id, Instant notBefore, Instant notAfter) {
    boolean holds(Instant now) {
        return !now.isBefore(notBefore) && !now.isAfter(notAfter);
    }
}
