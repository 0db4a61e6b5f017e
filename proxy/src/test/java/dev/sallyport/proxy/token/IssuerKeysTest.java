package dev.sallyport.proxy.token;

import static dev.sallyport.proxy.testing.Forge.quoted;
import static dev.sallyport.proxy.token.TestIssuers.BROAD;
import static dev.sallyport.proxy.token.TestIssuers.answer;
import static dev.sallyport.proxy.token.TestIssuers.header;
import static dev.sallyport.proxy.token.TestIssuers.keys;
import static dev.sallyport.proxy.token.TestIssuers.payload;
import static dev.sallyport.proxy.token.TestIssuers.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.sallyport.proxy.testing.Forge;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which keys of a set may verify: those that are for signatures, cannot sign what we check, and are strong enough. */
class IssuerKeysTest {
    private static final ECKey KEY = Forge.key("one");
    private static final RSAKey RSA = Forge.rsa("one");

    private static IssuerKeys with(String key, String members) {
        return keys(BROAD, "{\"keys\":[" + key.substring(0, key.length() - 1) + members + "}]}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | ''",
                "1 | ,\"use\":\"sig\"",
                "1 | ,\"key_ops\":[\"verify\"]",
                "1 | ,\"alg\":\"ES256\"",
                "1 | ,\"x5t\":\"AAAA\"",
                "0 | ,\"use\":\"enc\"",
                "0 | ,\"use\":\"tls\"",
                "0 | ,\"key_ops\":[\"encrypt\"]",
                "0 | ,\"key_ops\":[\"deriveKey\",\"deriveBits\"]"
            })
    void keyThatIsNotForVerifyingIsLeftOut(int usable, String members) {
        IssuerKeys keys = with(KEY.toPublicJWK().toString(), members);
        assertThat(keys.size()).isEqualTo(usable);
        assertThat(answer(snapshot(keys), Forge.token(KEY, header(), payload("iss", quoted(BROAD)))))
                .isEqualTo(usable == 1 ? "verified" : "token_key_unknown");
    }

    @Test
    void keyThatAnybodyCouldSignWithOrFactorIsLeftOut() throws Exception {
        String modulus = RSA.getModulus().toString();
        for (String exponent : new String[] {"AQ", "AA", "Ag"}) { // e = 1 makes every text its own signature
            assertThat(with(
                                    "{\"kty\":\"RSA\",\"kid\":\"one\",\"n\":\"" + modulus + "\",\"e\":\"" + exponent
                                            + "\"}",
                                    "")
                            .size())
                    .as(exponent)
                    .isZero();
        }
        RSAKey weak = new RSAKeyGenerator(1024, true).keyID("one").generate();
        assertThat(keys(BROAD, weak).size()).isZero();
        assertThat(with("{\"kty\":\"oct\",\"kid\":\"one\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", "")
                        .size())
                .isZero();
        assertThat(with(
                                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"one\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
                                "")
                        .size())
                .isZero();
        assertThat(with("{\"kty\":\"XX\",\"kid\":\"one\"}", "").size()).isZero();
        assertThat(keys(BROAD, RSA).size()).isOne();
    }

    @Test
    void privatePartsAreNotKept() {
        IssuerKeys keys = with(KEY.toString(), "");
        assertThat(keys.size()).isOne();
        assertThat(keys.byId("one").orElseThrow().toString())
                .doesNotContain(KEY.getD().toString());
    }
}
