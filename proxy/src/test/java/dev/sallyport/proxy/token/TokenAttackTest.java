package dev.sallyport.proxy.token;

import static dev.sallyport.proxy.testing.Forge.base64;
import static dev.sallyport.proxy.testing.Forge.quoted;
import static dev.sallyport.proxy.token.TestIssuers.BROAD;
import static dev.sallyport.proxy.token.TestIssuers.PARTNER;
import static dev.sallyport.proxy.token.TestIssuers.SHOP;
import static dev.sallyport.proxy.token.TestIssuers.answer;
import static dev.sallyport.proxy.token.TestIssuers.header;
import static dev.sallyport.proxy.token.TestIssuers.keys;
import static dev.sallyport.proxy.token.TestIssuers.payload;
import static dev.sallyport.proxy.token.TestIssuers.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.testing.Forge;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks 53, 54 and 55: a header that chooses its own algorithm or its own key. Each beside the token that it was made of, which holds. */
class TokenAttackTest {
    private static final ECKey KEY = Forge.key("one");
    private static final ECKey STRANGER = Forge.key("one");
    private static final RSAKey RSA = Forge.rsa("rsa");
    private static final RSAKey RSA_256 = new RSAKey.Builder(RSA)
            .keyID("rsa256")
            .algorithm(JWSAlgorithm.RS256)
            .build();
    private static final List<JWK> BROAD_KEYS =
            List.of(KEY, Forge.key(Curve.P_384, "three"), Forge.key(Curve.P_521, "five"), RSA, RSA_256);
    private static final Map<String, IssuerKeys> ISSUERS =
            snapshot(keys(SHOP, KEY), keys(PARTNER, Forge.key("partner")), keys(BROAD, BROAD_KEYS.toArray(new JWK[0])));

    private static String good(String... claims) {
        return Forge.token(KEY, header(), payload(claims));
    }

    private static String broad() {
        return payload("iss", quoted(BROAD));
    }

    @Test
    void theTokenThatTheseAreMadeOfHolds() {
        User user = TestIssuers.user(ISSUERS, good());
        assertThat(user.subject()).isEqualTo("alice");
        assertThat(user.issuer()).isEqualTo("shop");
        assertThat(user.roles()).containsExactly("customer");
    }

    // ---- 53: the algorithm ----

    /** JSON values of {@code alg} that are none of the issuer's. */
    static List<String> algorithms() {
        List<String> values = new ArrayList<>(List.of("", "null", "0", "[]", "[\"ES256\"]", "{\"alg\":\"ES256\"}"));
        for (String name : List.of("none", "None", "NONE", "nOnE", "", " none", "none ", "n\u043ene", "none\u0000")) {
            values.add(quoted(name));
        }
        for (String name : List.of("es256", "ES256 ", "ES256\u0000", "ES256,none", "ES256K", "EdDSA", "Ed25519")) {
            values.add(quoted(name));
        }
        for (String name : List.of("HS256", "HS384", "HS512", "RS1", "RS256", "PS384", "ES384", "RSA-OAEP", "dir")) {
            values.add(quoted(name));
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void algorithmThatTheIssuerDoesNotUseIsInvalidWhateverTheSignature(String algorithm) {
        String input = Forge.input(header("alg", algorithm), payload());
        String another = good();
        for (String signature : List.of(
                Forge.signed(KEY, input).substring(input.length()),
                another.substring(another.lastIndexOf('.')),
                ".",
                ".AA",
                "." + base64(new byte[64]))) {
            assertThat(answer(ISSUERS, input + signature)).as(input + signature).isEqualTo("token_invalid");
        }
    }

    @Test
    void tokenWithoutSignatureIsInvalid() {
        String token = good();
        String unsigned = token.substring(0, token.lastIndexOf('.'));
        for (String end : List.of("", ".", "..", "...", ".=", ". ", ".%00", ".\u0000", ".null", ".\"\"")) {
            assertThat(answer(ISSUERS, unsigned + end))
                    .as(unsigned + end)
                    .isEqualTo(end.equals(".null") ? "token_signature" : "token_invalid");
        }
    }

    /** Forms in which a careless verifier would feed a public key to HMAC. */
    private static Map<String, byte[]> secrets(JWK key) throws Exception {
        byte[] der = key instanceof ECKey curve
                ? curve.toPublicKey().getEncoded()
                : ((RSAKey) key).toPublicKey().getEncoded();
        String mime = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        String pem = "-----BEGIN PUBLIC KEY-----\n" + mime + "\n-----END PUBLIC KEY-----";
        Map<String, byte[]> secrets = new LinkedHashMap<>();
        secrets.put("DER", der);
        secrets.put("PEM", pem.getBytes(StandardCharsets.US_ASCII));
        secrets.put("PEM and a line feed", (pem + "\n").getBytes(StandardCharsets.US_ASCII));
        secrets.put("base64", Base64.getEncoder().encode(der));
        secrets.put("JWK", key.toPublicJWK().toString().getBytes(StandardCharsets.UTF_8));
        secrets.put("JWKS", new JWKSet(key).toString().getBytes(StandardCharsets.UTF_8));
        secrets.put("kid", key.getKeyID().getBytes(StandardCharsets.UTF_8));
        secrets.put("NUL", new byte[1]);
        if (key instanceof ECKey curve) {
            secrets.put("x", curve.getX().decode());
        } else {
            secrets.put("modulus", ((RSAKey) key).getModulus().decode());
        }
        return secrets;
    }

    private static String hmac(String bits, byte[] secret, String input) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA" + bits);
        mac.init(new SecretKeySpec(secret, "HMAC"));
        return input + "." + base64(mac.doFinal(input.getBytes(StandardCharsets.US_ASCII)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"256", "384", "512"})
    void publicKeyIsNobodysSecret(String bits) throws Exception {
        for (JWK key : List.of(KEY, RSA)) {
            String payload = key.equals(RSA) ? broad() : payload();
            String kid = quoted(key.getKeyID());
            for (Map.Entry<String, byte[]> secret : secrets(key).entrySet()) {
                String honest = Forge.input(header("alg", quoted("HS" + bits), "kid", kid), payload);
                assertThat(answer(ISSUERS, hmac(bits, secret.getValue(), honest)))
                        .as(secret.getKey())
                        .isEqualTo("token_invalid");
                String lying =
                        Forge.input(header("alg", key.equals(RSA) ? "\"RS256\"" : "\"ES256\"", "kid", kid), payload);
                assertThat(answer(ISSUERS, hmac(bits, secret.getValue(), lying)))
                        .as(secret.getKey())
                        .isEqualTo("token_signature");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256"})
    void algorithmIsTheKeysNotTheTokens(String algorithm) {
        for (JWK key : BROAD_KEYS) {
            boolean fits = key instanceof RSAKey
                    ? !algorithm.startsWith("ES") && (!key.equals(RSA_256) || algorithm.equals("RS256"))
                    : algorithm.equals(Map.of("one", "ES256", "three", "ES384", "five", "ES512")
                            .get(key.getKeyID()));
            String input = Forge.input(header("alg", quoted(algorithm), "kid", quoted(key.getKeyID())), broad());
            String token = fits ? Forge.signed(key, JWSAlgorithm.parse(algorithm), input) : Forge.signed(key, input);
            assertThat(answer(ISSUERS, token)).as(key.getKeyID()).isEqualTo(fits ? "verified" : "token_key_unknown");
        }
    }

    // ---- 54: a key that comes with the token ----

    @Test
    void keyInTheTokenIsNoKeyAndNothingIsFetched() throws Exception {
        try (ServerSocketChannel sinkhole = ServerSocketChannel.open()) {
            sinkhole.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .configureBlocking(false);
            int port = sinkhole.socket().getLocalPort();
            List<String[]> headers = new ArrayList<>();
            headers.add(new String[] {"jwk", STRANGER.toPublicJWK().toString()});
            headers.add(new String[] {"jwk", STRANGER.toString()});
            headers.add(new String[] {"x5t", quoted(base64(new byte[20]))});
            headers.add(new String[] {"x5t#S256", quoted(base64(new byte[32]))});
            headers.add(new String[] {"x5c", "[\"AAAA\"]"});
            for (String scheme : List.of("http://", "https://", "HTTP://", "ftp://", "ldap://", "jar:http://", "//")) {
                for (String name : List.of("jku", "x5u")) {
                    headers.add(new String[] {name, quoted(scheme + "127.0.0.1:" + port + "/jwks.json")});
                }
            }
            headers.add(new String[] {"jku", quoted(SHOP + "/jwks.json")});
            for (String[] member : headers) {
                String with = String.join(": ", member);
                String[] anonymous = {member[0], member[1], "kid", ""};
                String[] theirs = {member[0], member[1], "kid", quoted("http://127.0.0.1:" + port + "/")};
                assertThat(answer(ISSUERS, Forge.token(STRANGER, header(member), payload())))
                        .as(with)
                        .isIn(refusedOrUnread(member, "token_signature"));
                assertThat(answer(ISSUERS, Forge.token(STRANGER, header(anonymous), payload())))
                        .as(with)
                        .isIn(refusedOrUnread(member, "token_signature"));
                assertThat(answer(ISSUERS, Forge.token(STRANGER, header(theirs), payload())))
                        .as(with)
                        .isIn(refusedOrUnread(member, "token_key_unknown"));
                // The twin: of no weight either way.
                assertThat(answer(ISSUERS, Forge.token(KEY, header(member), payload())))
                        .as(with)
                        .isIn(refusedOrUnread(member, "verified"));
            }
            assertThat(sinkhole.accept()).as("a connection").isNull();
        }
    }

    /** A private key in a header is refused as malformed; whatever else is well-formed is ignored. */
    private static List<String> refusedOrUnread(String[] member, String unread) {
        return member[1].contains("\"d\":") ? List.of("token_invalid") : List.of(unread);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256", "cty", "kid", "typ", "alg", "enc", "b64", "crit"})
    void noHeaderMemberOfAnyFormMakesTheVerifierThrow(String name) {
        for (String value : List.of(
                "null",
                "0",
                "1e400",
                "true",
                "[]",
                "[null]",
                "[[]]",
                "[1]",
                "[\"\"]",
                "{}",
                "{\"kty\":null}",
                "{\"kty\":\"EC\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
                "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"\"}",
                "{\"kty\":\"oct\",\"k\":\"AA\"}",
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":7}",
                "{\"kty\":\"EC\",\"x5c\":[\"AA\"],\"key_ops\":7}",
                "\"\"",
                "\" \"",
                "\"\\u0000\"",
                "\"http://[\"",
                "\"%\"",
                quoted("a".repeat(3000)))) {
            String forged = answer(ISSUERS, Forge.token(STRANGER, header(name, value), payload()));
            assertThat(forged).as(value).startsWith("token_");
        }
    }

    // ---- 55: kid ----

    static Stream<Arguments> keyIds() {
        List<Arguments> rows = new ArrayList<>();
        for (String text : List.of(
                "../../x",
                "../../../../dev/null",
                "/dev/null",
                "file:///etc/passwd",
                "http://127.0.0.1/",
                "' OR '1'='1",
                "one' UNION SELECT 'one",
                "$(id)",
                "${jndi:ldap://127.0.0.1/a}",
                "",
                " one",
                "one ",
                "one\n",
                "ONE",
                "one\u0000",
                "\u0000",
                "one\u0000two",
                "\u043ene",
                "o\u200bne",
                "\u202eeno",
                "on",
                "*",
                "o%6ee",
                "partner",
                "rsa",
                "k".repeat(5000))) {
            rows.add(Arguments.of("token_key_unknown", quoted(text)));
        }
        for (String json : List.of("null", "1", "true", "[]", "[\"one\"]", "{\"kid\":\"one\"}")) {
            rows.add(Arguments.of("token_invalid", json));
        }
        rows.add(Arguments.of("token_invalid", "\"\\ud800\""));
        rows.add(Arguments.of("token_invalid", "\"one\\udc00\""));
        rows.add(Arguments.of("token_invalid", "\"\ufffd\""));
        rows.add(Arguments.of("token_invalid", quoted("k".repeat(6500)))); // longer than any token may be
        rows.add(Arguments.of("token_invalid", quoted("k".repeat(1 << 20))));
        rows.add(Arguments.of("token_invalid", "\"one\",\"kid\":\"one\""));
        rows.add(Arguments.of("token_invalid", "\"two\",\"kid\":\"one\""));
        rows.add(Arguments.of("token_invalid", "\"one\",\"k\\u0069d\":\"two\""));
        rows.add(Arguments.of("verified", "\"\\u006f\\u006e\\u0065\"")); // JSON's own way to write one
        rows.add(Arguments.of("verified", "\"one\",\"KID\":\"two\""));
        rows.add(Arguments.of("verified", "")); // absent, and the issuer has one key
        return rows.stream();
    }

    @ParameterizedTest(name = "{index} {0}")
    @MethodSource("keyIds")
    void keyIdIsComparedAndNothingElse(String expected, String kid) {
        assertThat(answer(ISSUERS, Forge.token(KEY, header("kid", kid), payload())))
                .isEqualTo(expected);
    }

    @Test
    void keyIdThatIsAbsentOrSharedNamesNoKeyAmongSeveral() {
        String absent = Forge.token(KEY, header("kid", ""), payload());
        String empty = Forge.token(KEY, header("kid", "\"\""), payload());
        ECKey unnamed = new ECKey.Builder(KEY).keyID(null).build();
        List<IssuerKeys> ambiguous = List.of(
                keys(SHOP, KEY, Forge.key("two")),
                keys(SHOP, Forge.key("two"), KEY),
                keys(SHOP, KEY, STRANGER),
                keys(SHOP, STRANGER, KEY),
                keys(SHOP, KEY, KEY),
                keys(SHOP, KEY, unnamed),
                keys(SHOP, unnamed, Forge.key("two")),
                keys(SHOP, KEY, new RSAKey.Builder(RSA).keyID("one").build()),
                keys(SHOP, KEY, Forge.key(Curve.P_384, "one")));
        for (IssuerKeys several : ambiguous) {
            assertThat(answer(snapshot(several), absent)).isEqualTo("token_key_unknown");
            assertThat(answer(snapshot(several), empty)).isEqualTo("token_key_unknown");
        }
        for (IssuerKeys shared : List.of(ambiguous.get(2), ambiguous.get(3), ambiguous.get(4), ambiguous.get(7))) {
            assertThat(answer(snapshot(shared), good())).isEqualTo("token_key_unknown");
        }
        assertThat(answer(snapshot(ambiguous.getFirst()), good())).isEqualTo("verified");
        assertThat(answer(snapshot(ambiguous.get(5)), good())).isEqualTo("verified");
        assertThat(answer(snapshot(keys(SHOP, unnamed)), absent)).isEqualTo("verified");
        assertThat(answer(snapshot(keys(SHOP, unnamed)), good())).isEqualTo("token_key_unknown");
    }
}
