package dev.sallyport.policy;

import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Made-up requests of the shop. */
final class Facts {
    static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");

    private Facts() {}

    static GivenFacts call(String identity, String method, String path) {
        return GivenFacts.of(Optional.of(id(identity)), method, path);
    }

    static User user(
            String issuer, String subject, List<String> roles, List<String> scopes, Map<String, Object> claims) {
        return new User(issuer, subject, roles, scopes, claims, NOW.minusSeconds(60), NOW.plusSeconds(60));
    }

    /** The same user, but come by a hop token over these services. */
    static User carried(User user, List<String> services) {
        return new User(
                user.issuer(),
                user.subject(),
                user.roles(),
                user.scopes(),
                user.claims(),
                user.issuedAt(),
                user.expiresAt(),
                services);
    }

    static SpiffeId id(String uri) {
        try {
            return SpiffeId.parse(uri.startsWith("spiffe:") ? uri : "spiffe://shop.example/sa/" + uri);
        } catch (InvalidSpiffeIdException invalid) {
            throw new IllegalArgumentException(invalid);
        }
    }
}
