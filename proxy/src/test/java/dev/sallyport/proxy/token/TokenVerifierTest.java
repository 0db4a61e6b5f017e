package dev.sallyport.proxy.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TokenVerifierTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final String ISSUER = "https://auth.shop.example";
    private static final ECKey KEY = key("one");
    private static final ECKey OTHER_ISSUERS_KEY = key("other");
    private static final ECKey STRANGER = key("one");
    private static final Map<String, IssuerKeys> ISSUERS = Map.of(
            ISSUER,
            keys("shop", ISSUER, KEY),
            "https://other.example",
            keys("other", "https://other.example", OTHER_ISSUERS_KEY));

    private static ECKey key(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (com.nimbusds.jose.JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Mesh.Issuer issuer(String name, String url, Optional<Duration> maxTokenAge) {
        return new Mesh.Issuer(
                name,
                url,
                List.of("shop-api"),
                List.of("ES256"),
                Optional.empty(),
                "realm_access.roles",
                "scope",
                Duration.ofSeconds(30),
                maxTokenAge,
                Map.of("dept", Mesh.ClaimType.STRING, "amr", Mesh.ClaimType.STRINGS));
    }

    private static IssuerKeys keys(String name, String url, ECKey... keys) {
        return keys(issuer(name, url, Optional.empty()), keys);
    }

    private static IssuerKeys keys(Mesh.Issuer issuer, ECKey... keys) {
        try {
            return IssuerKeys.of(issuer, new JWKSet(List.of(keys)).toString());
        } catch (dev.sallyport.contract.InvalidMessageException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(String text) {
        return Base64URL.encode(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private static String payload(String... changes) {
        Map<String, String> claims = new HashMap<>(Map.of(
                "iss",
                "\"" + ISSUER + "\"",
                "sub",
                "\"alice\"",
                "aud",
                "\"shop-api\"",
                "iat",
                Long.toString(NOW.getEpochSecond() - 10),
                "exp",
                Long.toString(NOW.getEpochSecond() + 300)));
        for (int i = 0; i < changes.length; i += 2) {
            if (changes[i + 1].isEmpty()) {
                claims.remove(changes[i]);
            } else {
                claims.put(changes[i], changes[i + 1]);
            }
        }
        List<String> members = new ArrayList<>();
        claims.forEach((name, value) -> members.add("\"" + name + "\":" + value));
        return "{" + String.join(",", members) + "}";
    }

    private static String signed(String header, String payload, ECKey key) {
        try {
            String input = base64(header) + "." + base64(payload);
            return input + "."
                    + new ECDSASigner(key)
                            .sign(new JWSHeader(JWSAlgorithm.ES256), input.getBytes(StandardCharsets.US_ASCII));
        } catch (com.nimbusds.jose.JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String good(String... changes) {
        return signed("{\"alg\":\"ES256\",\"kid\":\"one\"}", payload(changes), KEY);
    }

    private static UserFact verify(String... authorization) {
        return new Tokens().verify(List.of(authorization), ISSUERS, NOW).fact();
    }

    @Test
    void goodTokenProvesItsSubjectWithRolesScopesAndDeclaredClaimsOnly() {
        String token = good(
                "realm_access",
                "{\"roles\":[\"finance\",\"audit\"]}",
                "scope",
                "\"read write\"",
                "dept",
                "\"payments\"",
                "salary",
                "\"much\"",
                "amr",
                "[\"mfa\"]");
        UserFact fact = verify("Bearer " + token);
        assertThat(fact).isInstanceOf(UserFact.Verified.class);
        User user = ((UserFact.Verified) fact).user();
        assertThat(user.issuer()).isEqualTo("shop");
        assertThat(user.subject()).isEqualTo("alice");
        assertThat(user.roles()).containsExactly("finance", "audit");
        assertThat(user.scopes()).containsExactly("read", "write");
        assertThat(user.claims()).isEqualTo(Map.of("dept", "payments", "amr", List.of("mfa")));
    }

    @Test
    void noCredentialsOrAnotherSchemeIsAbsent() {
        assertThat(verify()).isEqualTo(new UserFact.Absent());
        assertThat(verify("Basic YTpi")).isEqualTo(new UserFact.Absent());
        assertThat(verify("Bearerish x")).isEqualTo(new UserFact.Absent());
    }

    @Test
    void twoAuthorizationFieldsAreInvalidEvenWhenOneIsGood() {
        assertThat(verify("Bearer " + good(), "Basic YTpi")).isEqualTo(new UserFact.Bad(Reason.TOKEN_INVALID));
        assertThat(verify("Bearer " + good(), "Bearer " + good())).isEqualTo(new UserFact.Bad(Reason.TOKEN_INVALID));
    }

    private static Arguments bad(String what, Reason reason, String token) {
        return Arguments.of(what, reason, token);
    }

    static Stream<Arguments> badTokens() throws Exception {
        long now = NOW.getEpochSecond();
        String header = "{\"alg\":\"ES256\",\"kid\":\"one\"}";
        String good = good();
        String signature = good.substring(good.lastIndexOf('.') + 1);
        String unsigned = good.substring(0, good.lastIndexOf('.') + 1);
        OctetSequenceKey secret =
                new OctetSequenceKey.Builder(KEY.toPublicJWK().toString().getBytes(StandardCharsets.UTF_8)).build();
        String macInput = base64("{\"alg\":\"HS256\",\"kid\":\"one\"}") + "." + base64(payload());
        String mac = macInput + "."
                + new MACSigner(secret)
                        .sign(new JWSHeader(JWSAlgorithm.HS256), macInput.getBytes(StandardCharsets.US_ASCII));
        String embedded = signed("{\"alg\":\"ES256\",\"jwk\":" + STRANGER.toPublicJWK() + "}", payload(), STRANGER);
        return Stream.of(
                bad("empty", Reason.TOKEN_INVALID, ""),
                bad("no token at all", Reason.TOKEN_INVALID, "abc"),
                bad("alg none", Reason.TOKEN_INVALID, base64("{\"alg\":\"none\"}") + "." + base64(payload()) + "."),
                bad(
                        "alg nOnE with signature",
                        Reason.TOKEN_INVALID,
                        base64("{\"alg\":\"nOnE\",\"kid\":\"one\"}") + "." + base64(payload()) + "." + signature),
                bad("alg missing", Reason.TOKEN_INVALID, signed("{\"kid\":\"one\"}", payload(), KEY)),
                bad("HS256 with the public key", Reason.TOKEN_INVALID, mac),
                bad("empty signature", Reason.TOKEN_INVALID, unsigned),
                bad("zero signature", Reason.TOKEN_SIGNATURE, unsigned + Base64URL.encode(new byte[64])),
                bad("DER signature", Reason.TOKEN_SIGNATURE, unsigned + Base64URL.encode(new byte[70])),
                bad("signed by a stranger with our kid", Reason.TOKEN_SIGNATURE, signed(header, payload(), STRANGER)),
                bad("embedded jwk", Reason.TOKEN_SIGNATURE, embedded),
                bad(
                        "kid unknown",
                        Reason.TOKEN_KEY_UNKNOWN,
                        signed("{\"alg\":\"ES256\",\"kid\":\"../../x\"}", payload(), KEY)),
                bad(
                        "other issuer's key",
                        Reason.TOKEN_KEY_UNKNOWN,
                        signed("{\"alg\":\"ES256\",\"kid\":\"other\"}", payload(), OTHER_ISSUERS_KEY)),
                bad("padded", Reason.TOKEN_INVALID, good + "="),
                bad("white space", Reason.TOKEN_INVALID, good.replaceFirst("\\.", " .")),
                bad("five parts", Reason.TOKEN_INVALID, good + ".a.b"),
                bad("iss unknown", Reason.TOKEN_ISSUER, good("iss", "\"https://evil.example\"")),
                bad("iss with slash", Reason.TOKEN_ISSUER, good("iss", "\"" + ISSUER + "/\"")),
                bad("iss in other case", Reason.TOKEN_ISSUER, good("iss", "\"https://AUTH.shop.example\"")),
                bad("iss missing", Reason.TOKEN_ISSUER, good("iss", "")),
                bad("expired", Reason.TOKEN_EXPIRED, good("exp", Long.toString(now - 31))),
                bad(
                        "expired, signed by a stranger",
                        Reason.TOKEN_SIGNATURE,
                        signed(header, payload("exp", Long.toString(now - 31)), STRANGER)),
                bad("exp missing", Reason.TOKEN_INVALID, good("exp", "")),
                bad("exp text", Reason.TOKEN_INVALID, good("exp", "\"" + (now + 300) + "\"")),
                bad("exp fraction", Reason.TOKEN_INVALID, good("exp", now + 300 + ".5")),
                bad("exp negative", Reason.TOKEN_INVALID, good("exp", "-1")),
                bad("exp 2^63", Reason.TOKEN_INVALID, good("exp", "9223372036854775808")),
                bad("exp 1e309", Reason.TOKEN_INVALID, good("exp", "1e309")),
                bad("nbf ahead", Reason.TOKEN_INVALID, good("nbf", Long.toString(now + 31))),
                bad("iat ahead", Reason.TOKEN_INVALID, good("iat", Long.toString(now + 31))),
                bad("iat text", Reason.TOKEN_INVALID, good("iat", "\"now\"")),
                bad("aud other", Reason.TOKEN_AUDIENCE, good("aud", "\"shop-api2\"")),
                bad("aud list without us", Reason.TOKEN_AUDIENCE, good("aud", "[\"shop\",\"api\"]")),
                bad("aud empty list", Reason.TOKEN_AUDIENCE, good("aud", "[]")),
                bad("aud missing", Reason.TOKEN_AUDIENCE, good("aud", "")),
                bad("aud number", Reason.TOKEN_AUDIENCE, good("aud", "7")),
                bad("sub missing", Reason.TOKEN_INVALID, good("sub", "")),
                bad(
                        "sub twice",
                        Reason.TOKEN_INVALID,
                        signed(header, payload().replace("{", "{\"sub\":\"bob\","), KEY)),
                bad("lone surrogate", Reason.TOKEN_INVALID, good("sub", "\"\\ud800\"")),
                bad("nested 10,000 deep", Reason.TOKEN_INVALID, good("x", "[".repeat(1500) + "]".repeat(1500))),
                bad("byte order mark", Reason.TOKEN_INVALID, signed(header, "\ufeff" + payload(), KEY)),
                bad("something after", Reason.TOKEN_INVALID, signed(header, payload() + "{}", KEY)),
                bad(
                        "crit",
                        Reason.TOKEN_INVALID,
                        signed("{\"alg\":\"ES256\",\"kid\":\"one\",\"crit\":[\"exp\"],\"exp\":1}", payload(), KEY)),
                bad(
                        "b64 false",
                        Reason.TOKEN_INVALID,
                        signed("{\"alg\":\"ES256\",\"kid\":\"one\",\"b64\":false,\"crit\":[\"b64\"]}", payload(), KEY)),
                bad(
                        "zip",
                        Reason.TOKEN_INVALID,
                        signed("{\"alg\":\"ES256\",\"kid\":\"one\",\"zip\":\"DEF\"}", payload(), KEY)),
                bad(
                        "wrong typ",
                        Reason.TOKEN_INVALID,
                        signed("{\"alg\":\"ES256\",\"kid\":\"one\",\"typ\":\"dpop+jwt\"}", payload(), KEY)),
                bad(
                        "header twice alg",
                        Reason.TOKEN_INVALID,
                        signed("{\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"one\"}", payload(), KEY)),
                bad("longer than 8 KiB", Reason.TOKEN_INVALID, good("x", "\"" + "x".repeat(9000) + "\"")));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("badTokens")
    void badTokenHasItsReason(String what, Reason reason, String token) {
        assertThat(verify("Bearer " + token)).as(what).isEqualTo(new UserFact.Bad(reason));
    }

    @ParameterizedTest
    @MethodSource("goodVariants")
    void whatTheStandardAllowsIsAccepted(String token) {
        assertThat(verify("bearer " + token)).isInstanceOf(UserFact.Verified.class);
    }

    static Stream<String> goodVariants() {
        long now = NOW.getEpochSecond();
        return Stream.of(
                good(),
                good("aud", "[\"other\",\"shop-api\"]"),
                good("exp", Long.toString(now - 29)),
                good("iat", ""),
                good("nbf", Long.toString(now + 29)),
                signed("{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}", payload(), KEY),
                signed(
                        "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"one\",\"jku\":\"https://evil.example\"}",
                        payload(),
                        KEY));
    }

    @Test
    void tokenWithoutKidNeedsTheIssuerToHaveOneKey() {
        Map<String, IssuerKeys> two = Map.of(ISSUER, keys("shop", ISSUER, KEY, key("two")));
        String token = signed("{\"alg\":\"ES256\"}", payload(), KEY);
        assertThat(new Tokens().verify(List.of("Bearer " + token), two, NOW).fact())
                .isEqualTo(new UserFact.Bad(Reason.TOKEN_KEY_UNKNOWN));
    }

    @Test
    void kidThatTwoKeysShareNamesNone() {
        Map<String, IssuerKeys> two = Map.of(ISSUER, keys("shop", ISSUER, KEY, STRANGER));
        assertThat(new Tokens().verify(List.of("Bearer " + good()), two, NOW).fact())
                .isEqualTo(new UserFact.Bad(Reason.TOKEN_KEY_UNKNOWN));
    }

    @Test
    void verifiedTokenStillExpiresWhenCached() {
        Tokens verifier = new Tokens();
        List<String> authorization = List.of("Bearer " + good());
        assertThat(verifier.verify(authorization, ISSUERS, NOW).fact()).isInstanceOf(UserFact.Verified.class);
        assertThat(verifier.verify(authorization, ISSUERS, NOW.plusSeconds(329)).fact())
                .isInstanceOf(UserFact.Verified.class);
        assertThat(verifier.verify(authorization, ISSUERS, NOW.plusSeconds(330)).fact())
                .isEqualTo(new UserFact.Bad(Reason.TOKEN_EXPIRED));
    }

    @ParameterizedTest(name = "issued at {0}, looked at {1} s later: {2}")
    @CsvSource({
        "-60,  0, verified",
        "-61,  0, token_too_old",
        "-10, 50, verified",
        "-10, 51, token_too_old",
        // A clock that is ahead is forgiven for nbf and iat, an old token never.
        " 20, 80, verified",
        " 20, 81, token_too_old",
        "   ,  0, token_too_old",
    })
    void tokenOlderThanItsIssuerAllowsIsTooOldAlsoWhenCached(@Nullable Integer issued, int later, String expected) {
        Map<String, IssuerKeys> issuers =
                Map.of(ISSUER, keys(issuer("shop", ISSUER, Optional.of(Duration.ofSeconds(60))), KEY));
        String iat = issued == null ? "" : Long.toString(NOW.getEpochSecond() + issued);
        List<String> authorization = List.of("Bearer " + good("iat", iat));
        Tokens cached = new Tokens();
        cached.verify(authorization, issuers, NOW);
        for (Tokens verifier : List.of(cached, new Tokens())) {
            UserFact fact = verifier.verify(authorization, issuers, NOW.plusSeconds(later))
                    .fact();
            assertThat(fact instanceof UserFact.Bad(Reason reason) ? reason.code() : "verified")
                    .isEqualTo(expected);
        }
    }

    @Test
    void keyThatLeftTheSnapshotTakesItsCachedTokensAlong() {
        Tokens verifier = new Tokens();
        List<String> authorization = List.of("Bearer " + good());
        assertThat(verifier.verify(authorization, ISSUERS, NOW).fact()).isInstanceOf(UserFact.Verified.class);
        Map<String, IssuerKeys> rotated = Map.of(ISSUER, keys("shop", ISSUER, key("two")));
        assertThat(verifier.verify(authorization, rotated, NOW).fact())
                .isEqualTo(new UserFact.Bad(Reason.TOKEN_KEY_UNKNOWN));
    }

    @Test
    void refusalIsRememberedWithItsReason() {
        Tokens verifier = new Tokens();
        List<String> forged = List.of("Bearer " + signed("{\"alg\":\"ES256\",\"kid\":\"one\"}", payload(), STRANGER));
        for (int i = 0; i < 3; i++) {
            assertThat(verifier.verify(forged, ISSUERS, NOW.plusSeconds(20L * i))
                            .fact())
                    .isEqualTo(new UserFact.Bad(Reason.TOKEN_SIGNATURE));
        }
    }
}
