package dev.sallyport.policy;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A verified token's subject. {@code issuer} is the Mesh's name for it; {@code claims} holds declared claims only: String, Boolean, Long or List of String. */
public record User(
        String issuer,
        String subject,
        List<String> roles,
        List<String> scopes,
        Map<String, Object> claims,
        Instant issuedAt,
        Instant expiresAt) {
    public User {
        roles = List.copyOf(roles);
        scopes = List.copyOf(scopes);
        claims = Map.copyOf(claims);
    }
}
