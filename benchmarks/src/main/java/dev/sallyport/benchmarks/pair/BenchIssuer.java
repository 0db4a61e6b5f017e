package dev.sallyport.benchmarks.pair;

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
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;

/** Signs users' tokens with a P-256 key of its own: ES256, for the audience {@code bench}, of about 300 bytes, good for longer than the certificates of the bench. */
public final class BenchIssuer {
    private static final Duration TOKEN_LIFE = Duration.ofDays(3);

    private final ECKey key;
    private final ECDSASigner signer;
    private final Instant now = Instant.now();

    private BenchIssuer(ECKey key) throws JOSEException {
        this.key = key;
        this.signer = new ECDSASigner(key);
    }

    /** With a new key, which has the same id for every issuer: one can sign what looks like another's. */
    public static BenchIssuer create() {
        try {
            return new BenchIssuer(new ECKeyGenerator(Curve.P_256).keyID("one").generate());
        } catch (JOSEException e) {
            throw new IllegalStateException("a key of P-256", e);
        }
    }

    /** The public half. */
    public ECKey publicKey() {
        return key.toPublicJWK();
    }

    /** RFC 7517. */
    public String jwks() {
        return new JWKSet(publicKey()).toString();
    }

    /** In the name of {@code issuer}, for a user with one role. */
    public String token(String issuer, String subject, String role) {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
                new JWTClaimsSet.Builder()
                        .issuer(issuer)
                        .subject(subject)
                        .audience("bench")
                        .issueTime(Date.from(now.minusSeconds(60)))
                        .expirationTime(Date.from(now.plus(TOKEN_LIFE)))
                        .claim("roles", List.of(role))
                        .build());
        try {
            token.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("a signature of P-256", e);
        }
        return token.serialize();
    }
}
