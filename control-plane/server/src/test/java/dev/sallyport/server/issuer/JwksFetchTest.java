package dev.sallyport.server.issuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.sallyport.server.fetch.TestProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From an issuer's URL to its keys. */
class JwksFetchTest {
    private TestProvider provider;
    private JwksFetch fetch;

    @BeforeEach
    void start() throws Exception {
        provider = TestProvider.http();
        fetch = new JwksFetch(provider.fetch(Duration.ofSeconds(20)));
        provider.json(
                "/keys", new JWKSet(new ECKeyGenerator(Curve.P_256).keyID("k1").generate()).toString());
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    private KeySet keys(String issuer, Optional<String> jwksUri) throws Exception {
        return fetch.keysOf(Declared.issuer("shop", issuer, jwksUri, Declared.MAX_STALE));
    }

    private void discovery(String issuer, String jwksUri) {
        provider.json(
                "/.well-known/openid-configuration",
                "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + jwksUri + "\",\"claims_supported\":[\"sub\"]}");
    }

    @Test
    void keysAreFoundByDiscovery() throws Exception {
        discovery(provider.base(), provider.base() + "/keys");
        assertThat(keys(provider.base(), Optional.empty()).ids()).containsExactly("k1");
        assertThat(provider.asked).containsExactly("/.well-known/openid-configuration", "/keys");
    }

    @Test
    void keysAreFoundWhereTheMeshSaysWithoutDiscovery() throws Exception {
        assertThat(keys("https://shop.example", Optional.of(provider.base() + "/keys"))
                        .ids())
                .containsExactly("k1");
        assertThat(provider.asked).containsExactly("/keys");
    }

    @Test
    void trailingSlashOfTheIssuerIsInItsNameAndNotInThePath() throws Exception {
        discovery(provider.base() + "/", provider.base() + "/keys");
        assertThat(keys(provider.base() + "/", Optional.empty()).ids()).containsExactly("k1");
        assertThatThrownBy(() -> keys(provider.base(), Optional.empty())).hasMessageContaining("expected: exactly");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://other.example", "HTTP://127.0.0.1", ""})
    void discoveryOfAnotherIssuerIsRefused(String said) {
        discovery(said, provider.base() + "/keys");
        assertThatThrownBy(() -> keys(provider.base(), Optional.empty()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("issuer: " + said + " (expected: exactly " + provider.base() + ")");
        assertThat(provider.asked).doesNotContain("/keys");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.169.254/keys",
                "https://169.254.169.254/keys",
                "https://[::ffff:10.0.0.1]/keys",
                "https://127.0.0.1:1/keys",
                "http://127.0.0.1:1/keys",
                "file:///etc/passwd",
                "not a uri",
                ""
            })
    void discoveryThatLeadsAstrayIsRefused(String jwksUri) {
        discovery(provider.base(), jwksUri);
        assertThatThrownBy(() -> keys(provider.base(), Optional.empty())).isInstanceOf(IOException.class);
        assertThat(provider.asked).containsExactly("/.well-known/openid-configuration");
    }

    @Test
    void discoveryWithTwoReadingsIsRefused() {
        provider.json(
                "/.well-known/openid-configuration",
                "{\"issuer\":\"" + provider.base() + "\",\"jwks_uri\":\"" + provider.base() + "/keys\",\"jwks_uri\":\""
                        + provider.base() + "/other\"}");
        assertThatThrownBy(() -> keys(provider.base(), Optional.empty())).hasMessageContaining("no strict JSON");
    }
}
