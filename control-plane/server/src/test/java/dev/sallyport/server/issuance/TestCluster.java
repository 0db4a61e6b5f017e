package dev.sallyport.server.issuance;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Signs projected service account tokens as a cluster's API server does. */
public final class TestCluster {
    public static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
    public static final String AUDIENCE = "sallyport.small.example";

    public final RSAKey rsa;
    public final ECKey curve;
    public final Path jwksFile;

    public TestCluster(Path folder) throws Exception {
        rsa = new RSAKeyGenerator(2048).keyID("rsa-1").generate();
        curve = new ECKeyGenerator(Curve.P_256).keyID("ec-1").generate();
        jwksFile = folder.resolve("cluster-jwks.json");
        publish(rsa, curve);
    }

    /** As the file is replaced when a ConfigMap changes: another file under the same name. */
    public void publish(JWK... keys) throws IOException {
        Path next = jwksFile.resolveSibling("cluster-jwks.next");
        Files.writeString(next, new JWKSet(Arrays.asList(keys)).toString(true));
        Files.move(next, jwksFile, StandardCopyOption.REPLACE_EXISTING);
    }

    public KubernetesSettings settings(Map<String, String> identities) {
        return new KubernetesSettings(ISSUER, AUDIENCE, jwksFile, identities);
    }

    /** For a pod of {@code namespace/account}, issued at {@code at}, for an hour. */
    public String token(String namespace, String account, String podUid, Instant at) throws JOSEException {
        return token(claims(namespace, account, podUid, at).build());
    }

    public String token(JWTClaimsSet claims) throws JOSEException {
        return sign(rsa, JWSAlgorithm.RS256, claims, UnaryOperator.identity());
    }

    public static String sign(
            JWK key, JWSAlgorithm algorithm, JWTClaimsSet claims, UnaryOperator<JWSHeader.Builder> header)
            throws JOSEException {
        JWSSigner signer = key instanceof RSAKey rsa ? new RSASSASigner(rsa) : new ECDSASigner(key.toECKey());
        SignedJWT jwt = new SignedJWT(
                header.apply(new JWSHeader.Builder(algorithm).keyID(key.getKeyID()))
                        .build(),
                claims);
        jwt.sign(signer);
        return jwt.serialize();
    }

    public static JWTClaimsSet.Builder claims(String namespace, String account, String podUid, Instant at) {
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience(List.of(AUDIENCE))
                .subject("system:serviceaccount:" + namespace + ":" + account)
                .issueTime(Date.from(at))
                .notBeforeTime(Date.from(at))
                .expirationTime(Date.from(at.plus(Duration.ofHours(1))))
                .jwtID("id-" + podUid + at)
                .claim("kubernetes.io", bound(namespace, account, podUid));
    }

    /** The private claim of a token that is bound to a pod. */
    public static Map<String, Object> bound(String namespace, String account, String podUid) {
        Map<String, Object> claim = new LinkedHashMap<>();
        claim.put("namespace", namespace);
        claim.put("node", Map.of("name", "node-1", "uid", "n-1"));
        claim.put("pod", Map.of("name", "back-0", "uid", podUid));
        claim.put("serviceaccount", Map.of("name", account, "uid", "s-1"));
        return claim;
    }
}
