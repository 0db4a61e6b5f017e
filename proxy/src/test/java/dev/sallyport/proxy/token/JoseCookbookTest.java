package dev.sallyport.proxy.token;

import static dev.sallyport.proxy.testing.Forge.quoted;
import static dev.sallyport.proxy.token.TestIssuers.BROAD;
import static dev.sallyport.proxy.token.TestIssuers.answer;
import static dev.sallyport.proxy.token.TestIssuers.header;
import static dev.sallyport.proxy.token.TestIssuers.keys;
import static dev.sallyport.proxy.token.TestIssuers.payload;
import static dev.sallyport.proxy.token.TestIssuers.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.sallyport.proxy.http.Corpus;
import dev.sallyport.proxy.testing.Forge;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The signatures of RFC 7520 section 4 and RFC 7797, as the JOSE working group published them: those of public keys are known answers of the keys of an issuer, and none of the texts is a token. Their keys, private parts
 * included, are known to everybody.
 */
class JoseCookbookTest {
    private static final String BILBO = "bilbo.baggins@hobbiton.example";

    private static Map<String, Object> example(String name) throws IOException, ParseException {
        return JSONObjectUtils.parse(
                Files.readString(Corpus.folder("jose-cookbook").resolve(name)));
    }

    private static Object at(Object value, Object... path) {
        Object at = value;
        for (Object step : path) {
            at = step instanceof Integer index ? ((List<?>) at).get(index) : ((Map<?, ?>) at).get(step);
            Objects.requireNonNull(at, step.toString());
        }
        return at;
    }

    private static JWK key(Object json) throws ParseException {
        return JWK.parse(JSONObjectUtils.toJSONString(JSONObjectUtils.parse(JSONObjectUtils.toJSONString(cast(json)))));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> cast(Object json) {
        return (Map<String, Object>) json;
    }

    private static boolean verifies(IssuerKeys.Key key, String algorithm, String input, String signature)
            throws JOSEException {
        return key.verifier()
                .verify(
                        new JWSHeader(JWSAlgorithm.parse(algorithm)),
                        input.getBytes(StandardCharsets.US_ASCII),
                        new Base64URL(signature));
    }

    /** The document's own key, as an issuer that allows everything would publish it. */
    private static IssuerKeys published(Object key) {
        return keys(BROAD, "{\"keys\":[" + JSONObjectUtils.toJSONString(cast(key)) + "]}");
    }

    @ParameterizedTest
    @CsvSource({
        "jws/4_1.rsa_v15_signature.json, RS256, RS384, PS256",
        "jws/4_2.rsa-pss_signature.json, PS384, PS256, RS384",
        "jws/4_3.ecdsa_signature.json,   ES512, ES384, ES256"
    })
    void signatureOfAPublicKeyIsAKnownAnswer(String file, String algorithm, String other, String third)
            throws Exception {
        Map<String, Object> example = example(file);
        IssuerKeys issuer = published(at(example, "input", "key"));
        IssuerKeys.Key key = issuer.byId(BILBO).orElseThrow();
        String input = (String) at(example, "signing", "sig-input");
        String signature = (String) at(example, "signing", "sig");
        assertThat(at(example, "output", "compact")).isEqualTo(input + "." + signature);
        assertThat(key.fits(JWSAlgorithm.parse(algorithm))).isTrue();
        assertThat(verifies(key, algorithm, input, signature)).isTrue();

        assertThat(verifies(key, algorithm, input + "A", signature)).isFalse();
        assertThat(verifies(key, algorithm, input.substring(1), signature)).isFalse();
        String flipped = (signature.startsWith("A") ? "B" : "A") + signature.substring(1);
        assertThat(verifies(key, algorithm, input, flipped)).isFalse();
        for (String not : List.of(other, third)) {
            boolean fits = key.fits(JWSAlgorithm.parse(not));
            assertThat(fits && verifies(key, not, input, signature)).as(not).isFalse();
        }
        assertThat(key.fits(JWSAlgorithm.HS256)).isFalse();
    }

    @Test
    void firstOfSeveralSignaturesVerifiesByItself() throws Exception {
        Map<String, Object> example = example("jws/4_8.multiple_signatures.json");
        IssuerKeys.Key rsa =
                published(at(example, "input", "key", 0)).byId(BILBO).orElseThrow();
        Object first = at(example, "signing", 0);
        assertThat(verifies(rsa, "RS256", (String) at(first, "sig-input"), (String) at(first, "sig")))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jws/4_4.hmac-sha2_integrity_protection.json",
                "jws/4_5.signature_with_detached_content.json",
                "jws/4_6.protecting_specific_header_fields.json",
                "jws/4_7.protecting_content_only.json",
                "rfc7797/4.2.hmac-sha2_b64_false.json",
                "rfc7797/hmac-sha2_b64_false.json"
            })
    void symmetricKeyIsNoKeyOfAnIssuer(String file) throws Exception {
        assertThat(published(at(example(file), "input", "key")).size()).isZero();
    }

    /** Every JSON and every compact serialization that the corpus holds. */
    private static List<String> serializations(Map<String, Object> example) {
        List<String> texts = new ArrayList<>();
        cast(at(example, "output")).forEach((_, value) -> {
            if (value instanceof String compact) {
                texts.add(compact);
            } else {
                String json = JSONObjectUtils.toJSONString(cast(value));
                texts.add(json);
                texts.add(Forge.base64(json));
            }
        });
        return texts;
    }

    @Test
    void noExampleIsATokenInAnySerializationEvenOfAnIssuerWithItsKey() throws Exception {
        int refused = 0;
        try (Stream<Path> files = Files.walk(Corpus.folder("jose-cookbook"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".json"))
                    .sorted(Comparator.comparing(Path::toString))
                    .toList()) {
                Map<String, Object> example = example(file.toAbsolutePath().toString());
                Object key = at(example, "input", "key");
                Map<String, IssuerKeys> issuers =
                        snapshot(published(key instanceof List<?> several ? several.get(0) : key));
                for (String text : serializations(example)) {
                    assertThat(answer(issuers, text)).as(file + ": " + text).isEqualTo("token_invalid");
                    refused++;
                }
            }
        }
        assertThat(refused).isEqualTo(6 + 2 * 19);
    }

    /** Row 18 of the data plane's: a key that stands in a public repository opens nothing of a Mesh that does not list it (CVE-2026-31837), and everything of one that does. */
    @ParameterizedTest
    @CsvSource({"jws/4_1.rsa_v15_signature.json, RS256", "jws/4_3.ecdsa_signature.json, ES512"})
    void keyThatEverybodyKnowsOpensNothing(String file, String algorithm) throws Exception {
        JWK known = key(at(example(file), "input", "key"));
        String claims = payload("iss", quoted(BROAD));
        String theirs = Forge.token(known, header("alg", quoted(algorithm), "kid", quoted(BILBO)), claims);
        String ours = Forge.token(known, header("alg", quoted(algorithm)), claims);
        String nameless = Forge.token(known, header("alg", quoted(algorithm), "kid", ""), claims);
        JWK own = algorithm.equals("RS256") ? Forge.rsa("one") : Forge.key(com.nimbusds.jose.jwk.Curve.P_521, "one");
        Map<String, IssuerKeys> issuers = snapshot(keys(BROAD, own));
        assertThat(answer(issuers, theirs)).isEqualTo("token_key_unknown");
        assertThat(answer(issuers, ours)).isEqualTo("token_signature");
        assertThat(answer(issuers, nameless)).isEqualTo("token_signature");
        assertThat(answer(snapshot(keys(BROAD)), theirs)).isEqualTo("token_key_unknown");
        assertThat(answer(snapshot(keys(BROAD, known)), theirs)).isEqualTo("verified");
    }
}
