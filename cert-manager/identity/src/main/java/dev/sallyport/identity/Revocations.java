package dev.sallyport.identity;

import java.util.Set;

/** What no longer counts although its certificate has not ended: leaves by serial ({@link X509Svid#serialOf}), and identities with every leaf they have. */
public record Revocations(Set<String> serials, Set<SpiffeId> identities) {
    public static final Revocations NONE = new Revocations(Set.of(), Set.of());

    public Revocations {
        serials = Set.copyOf(serials);
        identities = Set.copyOf(identities);
    }

    /** Whether a leaf of {@code id} with this serial is among them. */
    public boolean holds(SpiffeId id, String serial) {
        return identities.contains(id) || serials.contains(serial);
    }
}
