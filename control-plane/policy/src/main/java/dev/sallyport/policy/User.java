package dev.sallyport.policy;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A proven user. {@code issuer} is the Mesh's name for it; {@code claims} holds declared claims only: String, Boolean, Long or List of String; {@code issuedAt} is that of the user's own token. {@code carriedBy}: empty
 * for a token of the user's own in this request; else the services that carried the user here, the one whose sidecar verified that token first, the caller last.
 */
public record User(
        String issuer,
        String subject,
        List<String> roles,
        List<String> scopes,
        Map<String, Object> claims,
        Instant issuedAt,
        Instant expiresAt,
        List<String> carriedBy) {
    public User {
        roles = List.copyOf(roles);
        scopes = List.copyOf(scopes);
        claims = Map.copyOf(claims);
        carriedBy = List.copyOf(carriedBy);
    }

    /** By a token of the user's own. */
    public User(
            String issuer,
            String subject,
            List<String> roles,
            List<String> scopes,
            Map<String, Object> claims,
            Instant issuedAt,
            Instant expiresAt) {
        this(issuer, subject, roles, scopes, claims, issuedAt, expiresAt, List.of());
    }

    /** Who it is, whatever proves it. */
    public boolean isSameAs(User other) {
        return issuer.equals(other.issuer) && subject.equals(other.subject);
    }
}
