package dev.sallyport.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.sallyport.server.issuance.RefusedException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which service account tokens count: this cluster's, for this mesh alone, in their time, of a pod. */
class ServiceAccountTokensTest {
    @TempDir
    static Path folder;

    private static final Instant NOW = Instant.parse("2027-03-01T12:00:00Z");

    private static TestCluster cluster;
    private static ServiceAccountTokens tokens;

    @BeforeAll
    static void start() throws Exception {
        cluster = new TestCluster(folder);
        tokens = new ServiceAccountTokens(cluster.settings(Map.of()));
    }

    private static JWTClaimsSet.Builder good() {
        return TestCluster.claims("shop", "payment", "pod-1", NOW);
    }

    private static void refused(Reason reason, String says, String token) {
        assertThatThrownBy(() -> tokens.verify(token, NOW)).isInstanceOfSatisfying(RefusedException.class, e -> {
            assertThat(e.reason()).isEqualTo(reason);
            assertThat(e).hasMessageContaining(says);
            assertThat(token.length() > 100 && String.valueOf(e.getMessage()).contains(token))
                    .as("a token never stands in a message")
                    .isFalse();
        });
    }

    private static void refused(String says, JWTClaimsSet.Builder claims) throws Exception {
        refused(Reason.UNPROVEN, says, cluster.token(claims.build()));
    }

    @Test
    void tokenOfAPodNamesItsAccountByEitherAlgorithm() throws Exception {
        ServiceAccountTokens.Pod pod = tokens.verify(cluster.token(good().build()), NOW);
        assertThat(pod.account()).isEqualTo("shop/payment");
        assertThat(pod.podUid()).isEqualTo("pod-1");
        String byCurve = TestCluster.sign(cluster.curve, JWSAlgorithm.ES256, good().build(), UnaryOperator.identity());
        assertThat(tokens.verify(byCurve, NOW).account()).isEqualTo("shop/payment");
    }

    @Test
    void tokenForSomebodyElseOrForOthersTooIsRefused() throws Exception {
        refused("aud: [https://kubernetes.default.svc]", good().audience("https://kubernetes.default.svc"));
        refused("aud: [", good().audience(List.of(TestCluster.AUDIENCE, "vault")));
        refused("aud: []", good().audience(List.of()));
        refused("aud: [", good().audience(TestCluster.AUDIENCE + "."));
        refused("iss: https://other", good().issuer("https://other"));
        refused("iss: null", good().issuer(null));
    }

    @Test
    void tokenOutOfItsTimeIsRefusedAndClocksMayDifferByAMinute() throws Exception {
        refused(
                Reason.ENDED,
                "ended at",
                cluster.token(
                        good().expirationTime(Date.from(NOW.minusSeconds(60))).build()));
        refused("of the future", good().notBeforeTime(Date.from(NOW.plusSeconds(61))));
        refused("of the future", good().issueTime(Date.from(NOW.plusSeconds(61))));
        refused("exp: missing", good().expirationTime(null));
        refused("iat: missing", good().issueTime(null));
        refused("nbf: missing", good().notBeforeTime(null));
        refused("counts for PT25H", good().expirationTime(Date.from(NOW.plus(Duration.ofHours(25)))));
        JWTClaimsSet late = good().issueTime(Date.from(NOW.minusSeconds(3600)))
                .notBeforeTime(Date.from(NOW.plusSeconds(59)))
                .expirationTime(Date.from(NOW.minusSeconds(59)))
                .build();
        assertThat(tokens.verify(cluster.token(late), NOW).podUid()).isEqualTo("pod-1");
    }

    @Test
    void tokenOfNoPodIsRefused() throws Exception {
        refused("kubernetes.io: missing", good().claim("kubernetes.io", null));
        for (String part : List.of("pod", "serviceaccount")) {
            Map<String, Object> lacking = new LinkedHashMap<>(TestCluster.bound("shop", "payment", "pod-1"));
            lacking.remove(part);
            refused("kubernetes.io." + part + ": missing", good().claim("kubernetes.io", lacking));
        }
        refused("kubernetes.io: namespace", good().claim("kubernetes.io", TestCluster.bound("", "payment", "pod-1")));
        refused("kubernetes.io: uid", good().claim("kubernetes.io", TestCluster.bound("shop", "payment", "a/b")));
        refused(
                "kubernetes.io: namespace",
                good().claim("kubernetes.io", TestCluster.bound("shop/sa/admin", "payment", "pod-1")));
        refused("a claim of the wrong type", good().claim("kubernetes.io", "shop"));
    }

    @Test
    void subjectThatSaysOtherwiseThanTheClaimIsRefused() throws Exception {
        refused("sub: system:serviceaccount:shop:orders", good().subject("system:serviceaccount:shop:orders"));
        refused("sub: null", good().subject(null));
    }

    @Test
    void tokenThatAnotherKeyMadeIsRefused() throws Exception {
        RSAKey other = new RSAKeyGenerator(2048).keyID("rsa-1").generate();
        ECKey otherCurve = new ECKeyGenerator(Curve.P_256).keyID("ec-1").generate();
        ECKey unknown = new ECKeyGenerator(Curve.P_256).keyID("ec-9").generate();
        refused(
                Reason.UNPROVEN,
                "signature",
                TestCluster.sign(other, JWSAlgorithm.RS256, good().build(), UnaryOperator.identity()));
        refused(
                Reason.UNPROVEN,
                "signature",
                TestCluster.sign(otherCurve, JWSAlgorithm.ES256, good().build(), UnaryOperator.identity()));
        refused(
                Reason.UNPROVEN,
                "kid",
                TestCluster.sign(unknown, JWSAlgorithm.ES256, good().build(), UnaryOperator.identity()));
        refused(
                Reason.UNPROVEN,
                "kid",
                TestCluster.sign(cluster.rsa, JWSAlgorithm.RS256, good().build(), header -> header.keyID(null)));
    }

    @Test
    void keyThatTheTokenBringsAlongIsNotLookedAt() throws Exception {
        ECKey own = new ECKeyGenerator(Curve.P_256).keyID("ec-1").generate();
        refused(
                Reason.UNPROVEN,
                "signature",
                TestCluster.sign(own, JWSAlgorithm.ES256, good().build(), header -> header.jwk(own.toPublicJWK())));
    }

    @Test
    void algorithmIsOursToChoose() throws Exception {
        refused(
                Reason.UNPROVEN,
                "alg",
                TestCluster.sign(cluster.rsa, JWSAlgorithm.RS512, good().build(), UnaryOperator.identity()));
        refused(
                Reason.UNPROVEN,
                "alg",
                TestCluster.sign(cluster.rsa, JWSAlgorithm.PS256, good().build(), UnaryOperator.identity()));
        refused(Reason.UNPROVEN, "no signed token", new PlainJWT(good().build()).serialize());
        // The public key as an HMAC secret.
        SignedJWT hmac = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa-1").build(), good().build());
        hmac.sign(new MACSigner(cluster.rsa.toRSAPublicKey().getEncoded()));
        refused(Reason.UNPROVEN, "alg", hmac.serialize());
        // An RSA key's id under an ECDSA header.
        ECKey confused = new ECKeyGenerator(Curve.P_256).keyID("rsa-1").generate();
        refused(
                Reason.UNPROVEN,
                "signature",
                TestCluster.sign(confused, JWSAlgorithm.ES256, good().build(), UnaryOperator.identity()));
        refused(
                Reason.UNPROVEN,
                "crit",
                TestCluster.sign(
                        cluster.rsa,
                        JWSAlgorithm.RS256,
                        good().build(),
                        header -> header.type(JOSEObjectType.JWT)
                                .criticalParams(Set.of("exp"))
                                .customParam("exp", 1)));
    }

    @Test
    void damagedAndEndlessTokensAreRefused() throws Exception {
        String token = cluster.token(good().build());
        String[] parts = token.split("\\.", -1);
        String changed = parts[0] + "."
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8)
                                .replace("payment", "orders0")
                                .getBytes(StandardCharsets.UTF_8))
                + "." + parts[2];
        refused(Reason.UNPROVEN, "signature", changed);
        refused(Reason.UNPROVEN, "no signed token", parts[0] + "." + parts[1] + ".");
        for (String garbage : List.of("", ".", "..", "a.b.c", token + ".x", "{}", token.substring(5))) {
            refused(Reason.UNPROVEN, "service account token", garbage);
        }
        refused(Reason.UNPROVEN, "too long", "a".repeat(20_000));
    }

    @Test
    void keysAreReadAgainWhenTheFileIsAnotherAndKeptWhileItIsNone() throws Exception {
        Path own = Files.createDirectory(folder.resolve("rotating"));
        TestCluster rotating = new TestCluster(own);
        ServiceAccountTokens its = new ServiceAccountTokens(rotating.settings(Map.of()));
        String old = rotating.token(good().build());
        its.verify(old, NOW);

        Files.writeString(rotating.jwksFile, "{\"keys\":");
        its.verify(old, NOW);
        Files.delete(rotating.jwksFile);
        its.verify(old, NOW);

        RSAKey next = new RSAKeyGenerator(2048).keyID("rsa-2").generate();
        rotating.publish(next);
        String fresh = TestCluster.sign(next, JWSAlgorithm.RS256, good().build(), UnaryOperator.identity());
        assertThat(its.verify(fresh, NOW).podUid()).isEqualTo("pod-1");
        assertThatThrownBy(() -> its.verify(old, NOW)).hasMessageContaining("kid");
    }

    @Test
    void fileWithoutAKeyThatCanServeIsRefusedAtTheStart() throws Exception {
        Path file = Files.writeString(folder.resolve("none.json"), "{\"keys\":[]}");
        KubernetesSettings settings = new KubernetesSettings(TestCluster.ISSUER, TestCluster.AUDIENCE, file, Map.of());
        assertThatThrownBy(() -> new ServiceAccountTokens(settings))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("kubernetes.jwksFile: " + file);
    }
}
