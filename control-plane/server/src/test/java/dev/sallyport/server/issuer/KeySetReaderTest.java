package dev.sallyport.server.issuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which published keys count. Each bad key stands beside a good one that stays. */
class KeySetReaderTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> ALGORITHMS = List.of("ES256", "RS256", "PS256");
    private static final ECKey GOOD = curve(Curve.P_256, "good");
    private static final RSAKey RSA = rsa(2048, "rsa");

    private static ECKey curve(Curve curve, String id) {
        try {
            return new ECKeyGenerator(curve).keyID(id).generate();
        } catch (com.nimbusds.jose.JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static RSAKey rsa(int bits, String id) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            var pair = generator.generateKeyPair();
            return new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                    .privateKey((RSAPrivateCrtKey) pair.getPrivate())
                    .keyID(id)
                    .build();
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** The public members of a key, with changes: names and values in turn. */
    private static Map<String, Object> changed(JWK key, Object... changes) {
        Map<String, Object> members = new LinkedHashMap<>(key.toPublicJWK().toJSONObject());
        for (int i = 0; i < changes.length; i += 2) {
            members.put(changes[i].toString(), changes[i + 1]);
        }
        return members;
    }

    private static KeySet read(Object... keys) throws IOException {
        return read(JSON.writeValueAsString(Map.of("keys", List.of(keys))));
    }

    private static KeySet read(String document) throws IOException {
        return KeySetReader.read(document.getBytes(StandardCharsets.UTF_8), "https://idp.example/keys", ALGORITHMS);
    }

    /** Reads {@code bad} beside a good key; the good one stays alone. What is said of the bad one. */
    private static SkippedKey skipped(Map<String, Object> bad) throws Exception {
        KeySet set = read(changed(GOOD), bad);
        assertThat(set.ids()).containsExactly("good");
        assertThat(JWKSet.parse(set.jwks()).getKeys())
                .extracting(JWK::computeThumbprint)
                .containsExactly(GOOD.computeThumbprint());
        return set.skipped().getFirst();
    }

    @Test
    void keysThatServeAreKeptWithTheirPublicParametersIdAndAlgorithmOnly() throws Exception {
        KeySet set = read(
                changed(
                        GOOD,
                        "alg",
                        "ES256",
                        "use",
                        "sig",
                        "key_ops",
                        List.of("verify"),
                        "x5u",
                        "https://evil.example"),
                changed(RSA, "iat", 1, "exp", 2, "x5c", List.of("AAAA")));
        assertThat(set.ids()).containsExactly("good", "rsa");
        assertThat(set.skipped()).isEmpty();
        assertThat(JSON.readTree(set.jwks()).path("keys"))
                .allSatisfy(key -> assertThat(key.fieldNames())
                        .toIterable()
                        .isSubsetOf("kty", "crv", "x", "y", "n", "e", "kid", "use", "alg"));
        assertThat(JWKSet.parse(set.jwks()).getKeys().get(1).computeThumbprint())
                .isEqualTo(RSA.computeThumbprint());
    }

    @Test
    void keyWithoutIdServes() throws Exception {
        Map<String, Object> nameless = changed(GOOD);
        nameless.remove("kid");
        assertThat(read(nameless).ids()).containsExactly("");
        assertThat(read(nameless, changed(curve(Curve.P_256, "other"))).ids()).containsExactly("", "other");
    }

    @Test
    void keyForAnotherUseIsSkipped() throws Exception {
        assertThat(skipped(changed(RSA, "use", "enc")))
                .isEqualTo(new SkippedKey("rsa", "use: enc (expected: sig)", false));
        assertThat(skipped(changed(RSA, "use", 7)).reason()).contains("use: 7");
        assertThat(skipped(changed(RSA, "key_ops", List.of("encrypt"))).reason())
                .contains("expected: verify");
        assertThat(skipped(changed(RSA, "key_ops", "verify")).reason()).contains("expected: verify");
    }

    @Test
    void shortRsaKeyIsSkippedHoweverLongItIsWritten() throws Exception {
        RSAKey weak = rsa(1024, "weak");
        assertThat(skipped(changed(weak)).reason()).isEqualTo("n: 1024 bits (expected: 2048 to 8192)");
        byte[] padded = new byte[256];
        byte[] modulus = weak.getModulus().decode();
        System.arraycopy(modulus, 0, padded, padded.length - modulus.length, modulus.length);
        assertThat(skipped(changed(weak, "n", Base64URL.encode(padded).toString()))
                        .reason())
                .contains("1024 bits");
        assertThat(skipped(changed(
                                RSA,
                                "n",
                                Base64URL.encode(BigInteger.ONE.shiftLeft(8192)).toString()))
                        .reason())
                .contains("8193 bits");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 4, 65536, 1L << 34 | 1})
    void exponentThatMakesForgingEasyOrVerifyingSlowIsSkipped(long exponent) throws Exception {
        String text = Base64URL.encode(BigInteger.valueOf(exponent)).toString();
        assertThat(skipped(changed(RSA, "e", text)).reason()).startsWith("e (expected: odd");
        assertThat(read(changed(
                                RSA,
                                "e",
                                Base64URL.encode(BigInteger.valueOf(3)).toString()))
                        .ids())
                .containsExactly("rsa");
    }

    @Test
    void symmetricKeyIsSkipped() throws Exception {
        assertThat(skipped(Map.of("kty", "oct", "kid", "s", "k", "AAAA")).reason())
                .startsWith("kty: oct");
    }

    @ParameterizedTest
    @ValueSource(strings = {"d", "p", "q", "dp", "dq", "qi", "oth", "priv"})
    void keyWhosePrivateHalfIsPublishedIsCompromised(String member) throws Exception {
        assertThat(skipped(changed(RSA, member, "AAAA")))
                .isEqualTo(new SkippedKey("rsa", member + ": the private key is published, everyone can sign", true));
    }

    @Test
    void publicHalfBesideItsPublishedPrivateHalfIsSkippedToo() throws Exception {
        KeySet set = read(changed(GOOD), RSA.toJSONObject(), changed(RSA));
        assertThat(set.ids()).containsExactly("good");
        assertThat(set.skipped()).extracting(SkippedKey::key).containsExactly("rsa", "rsa");
    }

    @Test
    void unknownKindsAreSkipped() throws Exception {
        assertThat(skipped(changed(GOOD, "kid", "x", "kty", "XX")).reason()).isEqualTo("kty: XX (expected: EC or RSA)");
        assertThat(skipped(Map.of("kty", "OKP", "crv", "Ed25519", "x", "AAAA")).reason())
                .contains("kty: OKP");
        assertThat(skipped(changed(GOOD, "kid", "x", "crv", "secp256k1")).reason())
                .contains("crv: secp256k1");
        assertThat(skipped(changed(GOOD, "kid", "x", "y", GOOD.getX().toString()))
                        .reason())
                .isEqualTo("x, y: no point of P-256");
        assertThat(skipped(changed(GOOD, "kid", "x", "x", "")).reason()).isEqualTo("x, y: no point of P-256");
        assertThat(skipped(Map.of()).key()).isEqualTo("key 2");
    }

    @Test
    void keyForAnAlgorithmThatTheMeshDoesNotAcceptIsSkipped() throws Exception {
        assertThat(skipped(changed(RSA, "alg", "RS512")).reason())
                .isEqualTo("alg: RS512 (expected: for one of the issuer's algorithms, ES256, RS256, PS256)");
        assertThat(skipped(changed(RSA, "alg", "ES256")).reason()).contains("alg: ES256");
        assertThat(skipped(changed(RSA, "alg", "none")).reason()).contains("alg: none");
        assertThat(skipped(changed(RSA, "alg", "RSA-OAEP")).reason()).contains("alg: RSA-OAEP");
        assertThat(skipped(changed(curve(Curve.P_384, "c"))).reason()).startsWith("EC (expected: for one of");
        assertThat(read(changed(RSA, "alg", "PS256")).jwks()).contains("PS256");
    }

    @Test
    void idThatTwoKeysHaveNamesNeither() throws Exception {
        KeySet set = read(changed(GOOD), changed(RSA, "kid", "same"), changed(curve(Curve.P_256, "same")));
        assertThat(set.ids()).containsExactly("good");
        assertThat(set.skipped())
                .containsExactly(
                        new SkippedKey("same", "kid: another key has it too", false),
                        new SkippedKey("same", "kid: another key has it too", false));
        // A key that would not count anyway takes nobody's name, as Keycloak's for encryption.
        assertThat(read(changed(GOOD), changed(RSA, "kid", "good", "use", "enc"))
                        .ids())
                .containsExactly("good");
    }

    @Test
    void idOfAnotherFormIsSkippedAndALongNameIsCutForPeople() throws Exception {
        assertThat(skipped(changed(RSA, "kid", 7)).reason()).startsWith("kid (expected: text");
        assertThat(skipped(changed(RSA, "kid", "")).reason()).startsWith("kid (expected: text");
        SkippedKey huge = skipped(changed(RSA, "kid", "k\n\u001b[2J".repeat(1000)));
        assertThat(huge.key()).hasSizeLessThan(70).doesNotContain("\n", "\u001b");
    }

    @Test
    void atMost32KeysAreRead() throws Exception {
        Object[] most = IntStream.range(0, 32)
                .mapToObj(i -> changed(GOOD, "kid", "k" + i))
                .toArray();
        assertThat(read(most).ids()).hasSize(32);
        List<Object> more = new ArrayList<>(List.of(most));
        more.add(changed(GOOD));
        assertThatThrownBy(() -> read(more.toArray())).hasMessageContaining("33 keys (expected: at most 32)");
        assertThatThrownBy(() -> read(Collections.nCopies(10_000, Map.of()).toArray()))
                .hasMessageContaining("10000 keys");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'keys':[]}                         | no usable key among 0",
                "{'keys':[{'kty':'oct','k':'AAAA'}]} | no usable key among 1, the first: kty: oct",
                "{'keys':[null,7,'x',[]]}            | no usable key among 4",
                "{'keys':{}}                         | keys (expected: a list",
                "{}                                  | keys (expected: a list",
                "[]                                  | no JSON object",
                "7                                   | no JSON object",
                "``                                  | no JSON object",
                "<html>                              | no strict JSON",
                "{'keys':[],'keys':[]}               | no strict JSON: Duplicate field 'keys'",
                "{'keys':[{'kid':'a','kid':'b'}]}    | no strict JSON: Duplicate field 'kid'",
                "{'keys':[]}{}                       | no strict JSON",
                "{'keys':[]                          | no strict JSON",
                "{'keys':[NaN]}                      | no strict JSON",
            })
    void documentWithoutAUsableKeyOrWithTwoReadingsIsRefused(String document, String problem) {
        assertThatThrownBy(() -> read(document.replace('\'', '"')))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("https://idp.example/keys: ")
                .satisfies(e -> assertThat(String.valueOf(e.getMessage()).replace('"', '\''))
                        .contains(problem));
    }

    @Test
    void depthAndEncodingAreBounded() {
        String deep = "{\"keys\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        assertThatThrownBy(() -> read(deep)).isInstanceOf(IOException.class).hasMessageContaining("no strict JSON");
        byte[] latin = "{\"keys\":[],\"x\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> KeySetReader.read(latin, "a", ALGORITHMS)).hasMessage("a: no UTF-8");
        byte[] wide = "{\"keys\":[]}".getBytes(StandardCharsets.UTF_16);
        assertThatThrownBy(() -> KeySetReader.read(wide, "a", ALGORITHMS)).hasMessage("a: no UTF-8");
    }
}
