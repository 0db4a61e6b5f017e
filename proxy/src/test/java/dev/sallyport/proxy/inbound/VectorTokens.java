package dev.sallyport.proxy.inbound;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.token.IssuerKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Real tokens for the users of a vector, and for each way in which one can be bad; all issuers of a Mesh share one key. */
final class VectorTokens {
    private final Mesh mesh;
    private final ECKey key;
    private final ECKey stranger;

    VectorTokens(Mesh mesh) throws JOSEException {
        this.mesh = mesh;
        this.key = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
        this.stranger = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
    }

    /** What a snapshot of this Mesh would hold. */
    Map<String, IssuerKeys> issuers() throws InvalidMessageException {
        Map<String, IssuerKeys> issuers = new HashMap<>();
        for (Mesh.Issuer issuer : mesh.issuers().values()) {
            issuers.put(issuer.issuer(), IssuerKeys.of(issuer, new JWKSet(key.toPublicJWK()).toString()));
        }
        return issuers;
    }

    String good(User user) throws JOSEException {
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                .subject(user.subject())
                .issueTime(Date.from(user.issuedAt()))
                .expirationTime(Date.from(user.expiresAt()));
        Mesh.Issuer issuer = mesh.issuers().get(user.issuer());
        if (issuer == null) { // the Mesh does not know it any more
            return signed(claims.issuer("https://" + user.issuer() + ".example").build(), "one", key);
        }
        user.claims().forEach(claims::claim);
        at(issuer.roles(), user.roles(), claims);
        at(issuer.scopes(), user.scopes(), claims);
        return signed(
                claims.issuer(issuer.issuer()).audience(issuer.audiences()).build(), "one", key);
    }

    /** At a dotted path. */
    private static void at(String path, List<String> values, JWTClaimsSet.Builder claims) {
        if (values.isEmpty()) {
            return;
        }
        String[] names = path.split("\\.", -1);
        Object value = values;
        for (int i = names.length - 1; i > 0; i--) {
            value = new TreeMap<>(Map.of(names[i], value));
        }
        claims.claim(names[0], value);
    }

    /** Empty when no token of this Mesh can be bad in this way. */
    Optional<String> bad(Reason reason, Instant now) throws JOSEException {
        Optional<Mesh.Issuer> issuer = mesh.issuers().values().stream()
                .filter(each ->
                        reason != Reason.TOKEN_TOO_OLD || each.maxTokenAge().isPresent())
                .findFirst();
        if (issuer.isEmpty()) {
            return Optional.empty();
        }
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                .issuer(issuer.get().issuer())
                .audience(issuer.get().audiences())
                .subject("somebody")
                .issueTime(Date.from(now.minusSeconds(1)))
                .expirationTime(Date.from(now.plusSeconds(60)));
        Instant longAgo = now.minus(Duration.ofDays(30));
        return switch (reason) {
            case TOKEN_SIGNATURE -> Optional.of(signed(claims.build(), "one", stranger));
            case TOKEN_KEY_UNKNOWN -> Optional.of(signed(claims.build(), "other", key));
            case TOKEN_EXPIRED ->
                Optional.of(signed(claims.expirationTime(Date.from(longAgo)).build(), "one", key));
            case TOKEN_TOO_OLD ->
                Optional.of(signed(claims.issueTime(Date.from(longAgo)).build(), "one", key));
            case TOKEN_ISSUER ->
                Optional.of(signed(claims.issuer("https://evil.example").build(), "one", key));
            case TOKEN_AUDIENCE ->
                Optional.of(signed(claims.audience("another-api").build(), "one", key));
            case TOKEN_INVALID -> Optional.of("x.y.z");
            default -> Optional.empty();
        };
    }

    private static String signed(JWTClaimsSet claims, String keyId, ECKey by) throws JOSEException {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(keyId).build(), claims);
        jwt.sign(new ECDSASigner(by));
        return jwt.serialize();
    }
}
