package dev.sallyport.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.ECKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JwkFileTest {
    private final ECKey key = JwkFile.generate();
    private final String text = new String(JwkFile.toBytes(key), UTF_8);
    private final String publicText = new String(JwkFile.toBytes(key.toPublicJWK()), UTF_8);

    @Test
    void keyReadsBackAsItWasWritten() throws Exception {
        assertThat(JwkFile.ofPrivate("key", text.getBytes(UTF_8)).getD()).isEqualTo(key.getD());
        ECKey read = JwkFile.ofPublic("key", publicText.getBytes(UTF_8));
        assertThat(read.getX()).isEqualTo(key.getX());
        assertThat(read.getKeyID()).isEqualTo(key.getKeyID()).isNotEmpty();
    }

    @Test
    void privateAndPublicAreNeverTakenForEachOther() {
        assertThatThrownBy(() -> JwkFile.ofPrivate("key", publicText.getBytes(UTF_8)))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessage("key: a public key (expected: the private one, which signs)");
        assertThatThrownBy(() -> JwkFile.ofPublic("key", text.getBytes(UTF_8)))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessage("key: a private key (expected: the public one, which only verifies)");
    }

    @Test
    void privatePartOfAnotherKeyIsRefusedAndNotQuoted() {
        String other = JwkFile.generate().getD().toString();
        assertThatThrownBy(() -> JwkFile.ofPrivate(
                        "key", text.replace(key.getD().toString(), other).getBytes(UTF_8)))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining("its private part is of another key")
                .hasMessageNotContaining(other);
    }

    @ParameterizedTest
    @CsvSource({
        "P-256, P-384, key.crv",
        "EC, OKP, key.crv",
        "\"use\":\"sig\", \"use\":\"enc\", key.use",
        "\"use\":\"sig\", \"x5c\":\"AA\", key.x5c",
        "\"use\":\"sig\", \"d\":\"\", repeated",
        "kid, kidd, key.kid",
        "\"kty\", kty, JSON"
    })
    void anythingElseIsRefused(String from, String to, String problem) {
        assertThat(text).contains(from);
        assertThatThrownBy(() -> JwkFile.ofPrivate("key", text.replace(from, to).getBytes(UTF_8)))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining(problem)
                .hasMessageNotContaining(key.getD().toString());
    }
}
