package dev.sallyport.server.issuer;

import dev.sallyport.policy.Mesh;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Issuers as a Mesh declares them. */
final class Declared {
    static final Duration MAX_STALE = Duration.ofHours(1);

    private Declared() {}

    static Mesh.Issuer issuer(String name, String issuer, Optional<String> jwksUri, Duration maxStale) {
        return new Mesh.Issuer(
                name,
                issuer,
                List.of("a"),
                List.of("ES256", "RS256"),
                List.of(),
                new Mesh.KeySource(jwksUri, maxStale, List.of()),
                "roles",
                "scope",
                Duration.ZERO,
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Mesh.HopTokens.NONE);
    }

    /** Whose keys are at {@code jwksUri}. */
    static Mesh.Issuer at(String name, String jwksUri, Duration maxStale) {
        return issuer(name, "https://" + name + ".example", Optional.of(jwksUri), maxStale);
    }

    static Mesh.Issuer of(String name) {
        return at(name, "https://" + name + ".example/keys", MAX_STALE);
    }

    static SortedMap<String, Mesh.Issuer> all(Mesh.Issuer... issuers) {
        SortedMap<String, Mesh.Issuer> all = new TreeMap<>();
        for (Mesh.Issuer issuer : issuers) {
            all.put(issuer.name(), issuer);
        }
        return all;
    }
}
