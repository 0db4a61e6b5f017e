package dev.sallyport.proxy.token;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import dev.sallyport.proxy.testing.UserTokens;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Three issuers as a Mesh declares them, each with the keys that a test gives it, and what a fresh verifier says of a token. */
final class TestIssuers {
    static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    static final long SECONDS = NOW.getEpochSecond();
    static final String SHOP = "https://auth.shop.example";
    static final String PARTNER = "https://partner.example/realms/a";
    /** Lists every algorithm that a Mesh may. */
    static final String BROAD = "https://broad.example";

    private static final String MESH = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              issuers:
                shop: {issuer: "https://auth.shop.example", audiences: [shop-api, shop-app], algorithms: [ES256], roles: realm_access.roles, clockSkew: 30s, claims: {dept: string, floor: int}}
                partner: {issuer: "https://partner.example/realms/a", audiences: [shop-api], algorithms: [ES256], clockSkew: 30s}
                broad: {issuer: "https://broad.example", audiences: [shop-api], algorithms: [ES256, ES384, ES512, RS256, RS384, RS512, PS256], clockSkew: 30s}
              services:
                orders: {identity: "spiffe://shop.example/ns/shop/sa/orders", ports: {8080: http}}
            """;

    private static final Map<String, Mesh.Issuer> ISSUERS = issuers();

    private TestIssuers() {}

    private static Map<String, Mesh.Issuer> issuers() {
        try {
            Map<String, Mesh.Issuer> byUrl = new HashMap<>();
            DocumentSet.load(List.of(new Source("mesh.yaml", MESH)))
                    .mesh()
                    .issuers()
                    .values()
                    .forEach(issuer -> byUrl.put(issuer.issuer(), issuer));
            return byUrl;
        } catch (InvalidDocumentException e) {
            throw new AssertionError(e);
        }
    }

    static IssuerKeys keys(String url, String jwks) {
        try {
            return IssuerKeys.of(Objects.requireNonNull(ISSUERS.get(url)), jwks);
        } catch (InvalidMessageException e) {
            throw new AssertionError(e);
        }
    }

    static IssuerKeys keys(String url, JWK... keys) {
        return keys(url, new JWKSet(List.of(keys)).toString());
    }

    /** Of one snapshot. */
    static Map<String, IssuerKeys> snapshot(IssuerKeys... issuers) {
        Map<String, IssuerKeys> byUrl = new HashMap<>();
        for (IssuerKeys keys : issuers) {
            byUrl.put(keys.issuer().issuer(), keys);
        }
        return Map.copyOf(byUrl);
    }

    /** A JOSE header for the key {@code one}, changed. */
    static String header(String... changes) {
        return UserTokens.header(changes);
    }

    /** Claims of alice, a customer, that hold now, changed. */
    static String payload(String... changes) {
        String[] all = Arrays.copyOf(new String[] {"realm_access", "{\"roles\":[\"customer\"]}"}, changes.length + 2);
        System.arraycopy(changes, 0, all, 2, changes.length);
        return UserTokens.claims(NOW, all);
    }

    /** {@code verified}, {@code absent} or the reason. */
    static String word(UserFact fact) {
        return switch (fact) {
            case UserFact.Absent absent -> "absent";
            case UserFact.Bad(Reason reason) -> reason.code();
            case UserFact.Unjudged unjudged -> "unjudged";
            case UserFact.Verified verified -> "verified";
        };
    }

    static UserFact ask(Tokens verifier, Map<String, IssuerKeys> issuers, String authorization) {
        return verifier.verify(List.of(authorization), issuers, NOW).fact();
    }

    /** What a fresh verifier says of a bearer token, and again what it then remembers: never anything else. */
    static String answer(Map<String, IssuerKeys> issuers, String token) {
        Tokens verifier = new Tokens();
        String first = word(ask(verifier, issuers, "Bearer " + token));
        String again = word(ask(verifier, issuers, "Bearer " + token));
        if (!again.equals(first)) {
            throw new AssertionError("first " + first + ", then " + again + ": " + token);
        }
        return first;
    }

    /** Of a token that must hold. */
    static User user(Map<String, IssuerKeys> issuers, String token) {
        if (ask(new Tokens(), issuers, "Bearer " + token) instanceof UserFact.Verified(User user)) {
            return user;
        }
        throw new AssertionError(answer(issuers, token) + ": " + token);
    }
}
