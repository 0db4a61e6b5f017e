package dev.sallyport.proxy.testing;

import com.nimbusds.jose.jwk.JWK;
import java.time.Instant;
import java.util.Map;

/** Tokens as the issuer of the tests' Mesh writes them, valid now, with whatever a test changes. */
public final class UserTokens {
    private UserTokens() {}

    /** {@code changes}: a member's name, then its JSON, or nothing to leave it out. */
    public static String header(String... changes) {
        return Forge.object(Map.of("alg", "\"ES256\"", "kid", "\"one\""), changes);
    }

    /** As {@link #header}. */
    public static String claims(String... changes) {
        return claims(Instant.now(), changes);
    }

    /** That hold at {@code time}. */
    public static String claims(Instant time, String... changes) {
        long now = time.getEpochSecond();
        return Forge.object(
                Map.of(
                        "iss",
                        "\"https://auth.shop.example\"",
                        "sub",
                        "\"alice\"",
                        "aud",
                        "\"shop-api\"",
                        "iat",
                        Long.toString(now - 10),
                        "exp",
                        Long.toString(now + 300)),
                changes);
    }

    /** An Authorization field. {@code changes} of the claims. */
    public static String bearer(JWK key, String... changes) {
        return "Authorization: Bearer " + Forge.token(key, header(), claims(changes));
    }
}
