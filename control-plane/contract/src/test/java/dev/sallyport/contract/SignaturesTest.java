package dev.sallyport.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignaturesTest {
    private static final Path COOKBOOK =
            Path.of(System.getProperty("sallyport.corpora", "../../../shared/corpora"), "jose-cookbook", "jws");
    private static final String TYP = "test+jws";

    private final ECKey key = Samples.key("k1");

    @Test
    void rfc7515AppendixA3IsAGoodSignature() {
        ECKey rfc = new ECKey.Builder(
                        Curve.P_256,
                        new Base64URL("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                        new Base64URL("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"))
                .build();
        String signed = "eyJhbGciOiJFUzI1NiJ9."
                + "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        byte[] signature = Base64.getUrlDecoder()
                .decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
        assertThat(Signatures.verifies(rfc, signed, signature)).isTrue();
        assertThat(Signatures.verifies(rfc, signed + "A", signature)).isFalse();
        // CVE-2022-21449: R = S = 0 verified for every message.
        assertThat(Signatures.verifies(rfc, signed, new byte[64])).isFalse();
    }

    @Test
    void payloadComesBack() throws Exception {
        String jws = Signatures.sign(TYP, "{}".getBytes(UTF_8), key);
        assertThat(Signatures.verify("it", TYP, jws, List.of(key)))
                .asString(UTF_8)
                .isEqualTo("{}");
    }

    @Test
    void detachedAndAttachedAreNotTakenForEachOther() {
        byte[] payload = "{}".getBytes(UTF_8);
        assertThatThrownBy(() ->
                        Signatures.verifyDetached("it", TYP, Signatures.sign(TYP, payload, key), payload, List.of(key)))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining("expected: detached");
        assertThatThrownBy(() -> Signatures.verify("it", TYP, Signatures.signDetached(TYP, payload, key), List.of(key)))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining("does not match");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'alg':'none','typ':'test+jws','kid':'k1'}",
                "{'alg':'HS256','typ':'test+jws','kid':'k1'}",
                "{'alg':'ES384','typ':'test+jws','kid':'k1'}",
                "{'alg':'ES256','typ':'JWT','kid':'k1'}",
                "{'alg':'ES256','kid':'k1'}",
                "{'alg':'ES256','typ':'test+jws'}",
                "{'alg':'ES256','typ':'test+jws','kid':'k2'}",
                "{'alg':'ES256','typ':'test+jws','kid':'k1','crit':['exp'],'exp':1}",
                "{'alg':'ES256','typ':'test+jws','kid':'k1','b64':false,'crit':['b64']}",
                "{'alg':'ES256','typ':'test+jws','kid':'k1','jku':'https://evil.example'}",
                "{'alg':'ES256','typ':'test+jws','kid':'k1','kid':'k1'}",
                "{'alg':'ES256','typ':'test+jws','kid':'k1'}x",
            })
    void headerThatIsNotExactlyOursIsRefusedAlthoughSigned(String header) throws Exception {
        String protectedHeader = Base64URL.encode(header.replace('\'', '"')).toString();
        String signingInput = protectedHeader + "." + Base64URL.encode("{}");
        Base64URL signature = new com.nimbusds.jose.crypto.ECDSASigner(key)
                .sign(
                        new com.nimbusds.jose.JWSHeader(com.nimbusds.jose.JWSAlgorithm.ES256),
                        signingInput.getBytes(UTF_8));
        assertThatThrownBy(() -> Signatures.verify("it", TYP, signingInput + "." + signature, List.of(key)))
                .isInstanceOf(InvalidMessageException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a.b", "a.b.c.d", "a.b.c ", "a..=", "é..a"})
    void whatIsNoCompactJwsIsRefused(String text) {
        assertThatThrownBy(() -> Signatures.verify("it", TYP, text, List.of(key)))
                .isInstanceOf(InvalidMessageException.class);
    }

    /** RFC 7520: good signatures by algorithms that are not ours. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "4_1.rsa_v15_signature.json",
                "4_2.rsa-pss_signature.json",
                "4_3.ecdsa_signature.json",
                "4_4.hmac-sha2_integrity_protection.json",
            })
    void otherAlgorithmsOfTheCookbookAreRefused(String name) throws Exception {
        assumeTrue(
                Files.isDirectory(COOKBOOK), "skipped: no folder " + COOKBOOK + " (system property sallyport.corpora)");
        Map<String, Object> example = JSONObjectUtils.parse(Files.readString(COOKBOOK.resolve(name)));
        Map<String, Object> input = JSONObjectUtils.getJSONObject(example, "input");
        String compact = JSONObjectUtils.getString(JSONObjectUtils.getJSONObject(example, "output"), "compact");
        JWK jwk = JWK.parse(JSONObjectUtils.getJSONObject(input, "key"));
        ECKey sameName =
                new ECKey.Builder(key.toPublicJWK()).keyID(jwk.getKeyID()).build();
        assertThatThrownBy(() -> Signatures.verify("it", TYP, compact, List.of(sameName)))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining("alg");
    }
}
