package dev.sallyport.server.issuance;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sallyport.server.issuance.RefusedException.Reason;
import java.io.IOException;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Projected service account tokens of one cluster, verified offline: signed by one of its keys, for this mesh alone, within their time, bound to a pod. What it cannot see is whether
 * the pod still exists. Any thread; blocks on the key file.
 */
final class ServiceAccountTokens {
    /** Between the API server's clock and ours. */
    private static final Duration SKEW = Duration.ofSeconds(60);
    /** A projected volume asks for an hour by default; a token that counts for days is good for whoever finds it. */
    private static final Duration LIFE_MAX = Duration.ofHours(24);

    private static final int CHARACTERS_MAX = 16 * 1024;
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern ACCOUNT = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");
    private static final Pattern UID = Pattern.compile("[A-Za-z0-9-]{1,64}");

    /** Whom a token names: {@code podUid} is the pod's, unique for all time. */
    record Pod(String namespace, String serviceAccount, String podUid, Instant expires) {
        String account() {
            return namespace + "/" + serviceAccount;
        }
    }

    private final String issuer;
    private final String audience;
    private final ServiceAccountKeys keys;

    /** IOException: the key file cannot be read. */
    ServiceAccountTokens(KubernetesSettings settings) throws IOException {
        this.issuer = settings.issuer();
        this.audience = settings.audience();
        this.keys = new ServiceAccountKeys(settings.jwksFile());
    }

    Pod verify(String token, Instant now) throws RefusedException {
        if (token.length() > CHARACTERS_MAX) {
            throw refused("too long (expected: at most " + CHARACTERS_MAX + " characters)");
        }
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            verifySignature(jwt);
            // From here on the API server's words, not a stranger's: they may be repeated.
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            verifyAddressee(claims);
            Instant expires = verifyTime(claims, now);
            return pod(claims, expires);
        } catch (ParseException e) {
            throw refused(
                    "no signed token, or a claim of the wrong type (expected: a projected service account token)");
        }
    }

    /** The algorithm is ours to choose, not the token's, and so is the key: what a header brings along (jwk, jku, x5c) is not looked at. RFC 8725 sections 3.1 and 3.10. */
    private void verifySignature(SignedJWT jwt) throws RefusedException {
        if (!ServiceAccountKeys.ALGORITHMS.contains(
                jwt.getHeader().getAlgorithm().getName())) {
            throw refused("alg (expected: one of " + ServiceAccountKeys.ALGORITHMS + ")");
        }
        if (jwt.getHeader().getCriticalParams() != null) {
            throw refused("crit (expected: none, nothing critical is known here)");
        }
        @Nullable String id = jwt.getHeader().getKeyID();
        JWK key = (id == null ? java.util.Optional.<JWK>empty() : keys.key(id))
                .orElseThrow(() -> refused("kid (expected: a key of kubernetes.jwksFile)"));
        try {
            if (!jwt.verify(verifier(key))) {
                throw refused("signature (expected: one that the cluster's key made)");
            }
        } catch (JOSEException e) {
            throw refused("signature (expected: one of the key's own algorithm)");
        }
    }

    /** A verifier refuses a header whose algorithm is not its own: a token cannot have an RSA key taken for another. */
    private static JWSVerifier verifier(JWK key) throws JOSEException {
        return switch (key) {
            case RSAKey rsa -> new RSASSAVerifier(rsa);
            case ECKey curve -> new ECDSAVerifier(curve);
            default -> throw new JOSEException("key type");
        };
    }

    private void verifyAddressee(JWTClaimsSet claims) throws RefusedException {
        if (!issuer.equals(claims.getIssuer())) {
            throw refused("iss: " + claims.getIssuer() + " (expected: " + issuer + ")");
        }
        // Alone: a token that others may use too is in others' hands.
        if (!claims.getAudience().equals(List.of(audience))) {
            throw refused("aud: " + claims.getAudience() + " (expected: " + audience
                    + " alone; set audience in the projected volume)");
        }
    }

    private static Instant verifyTime(JWTClaimsSet claims, Instant now) throws RefusedException {
        Instant expires = required(claims.getExpirationTime(), "exp");
        Instant issued = required(claims.getIssueTime(), "iat");
        Instant begins = required(claims.getNotBeforeTime(), "nbf");
        if (!now.isBefore(expires.plus(SKEW))) {
            throw new RefusedException(
                    Reason.ENDED, "service account token: ended at " + expires + " (expected: after " + now + ")");
        }
        Instant latest = now.plus(SKEW);
        if (issued.isAfter(latest) || begins.isAfter(latest)) {
            throw refused("of the future: iat " + issued + ", nbf " + begins + " (expected: at or before " + now
                    + "; does a clock go wrong?)");
        }
        if (Duration.between(issued, expires).compareTo(LIFE_MAX) > 0) {
            throw refused("counts for " + Duration.between(issued, expires) + " (expected: at most " + LIFE_MAX
                    + "; set expirationSeconds in the projected volume)");
        }
        return expires.plus(SKEW);
    }

    private static Instant required(@Nullable Date date, String claim) throws RefusedException {
        if (date == null) {
            throw refused(claim + ": missing");
        }
        return date.toInstant();
    }

    private static Pod pod(JWTClaimsSet claims, Instant expires) throws RefusedException, ParseException {
        @Nullable Map<String, Object> kubernetes = claims.getJSONObjectClaim("kubernetes.io");
        if (kubernetes == null) {
            throw refused("kubernetes.io: missing (expected: a projected token, bound to a pod)");
        }
        String namespace = text(kubernetes, "namespace", NAMESPACE);
        String account = text(object(kubernetes, "serviceaccount"), "name", ACCOUNT);
        String uid = text(object(kubernetes, "pod"), "uid", UID);
        String subject = "system:serviceaccount:" + namespace + ":" + account;
        if (!subject.equals(claims.getSubject())) {
            throw refused("sub: " + claims.getSubject() + " (expected: " + subject + ")");
        }
        return new Pod(namespace, account, uid, expires);
    }

    private static Map<?, ?> object(Map<?, ?> parent, String name) throws RefusedException {
        if (parent.get(name) instanceof Map<?, ?> object) {
            return object;
        }
        throw refused("kubernetes.io." + name + ": missing (expected: a projected token, bound to a pod)");
    }

    private static String text(Map<?, ?> parent, String name, Pattern form) throws RefusedException {
        if (parent.get(name) instanceof String text && form.matcher(text).matches()) {
            return text;
        }
        throw refused("kubernetes.io: " + name + " (expected: a name as Kubernetes allows it)");
    }

    private static RefusedException refused(String what) {
        return new RefusedException(Reason.UNPROVEN, "service account token: " + what);
    }
}
