package dev.sallyport.server.issuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.sun.net.httpserver.HttpServer;
import dev.sallyport.policy.Mesh;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an issuer's address and answers may make us do. */
class JwksFetchTest {
    private HttpServer server;
    private String base;
    private final JwksFetch fetch = new JwksFetch();

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
        base = "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void serve(String path, int status, String body, String... location) {
        server.createContext(path, exchange -> {
            if (location.length > 0) {
                exchange.getResponseHeaders().set("location", location[0]);
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    private static Mesh.Issuer issuer(String issuer, Optional<String> jwksUri) {
        return new Mesh.Issuer(
                "shop",
                issuer,
                List.of("a"),
                List.of("ES256"),
                jwksUri,
                "roles",
                "scope",
                Duration.ZERO,
                Optional.empty(),
                Map.of());
    }

    private String keys(String path) throws Exception {
        return fetch.keysOf(issuer(base, Optional.of(base + path)));
    }

    private static ECKey ecKey() throws Exception {
        return new ECKeyGenerator(Curve.P_256).keyID("k").generate();
    }

    @Test
    void keysAreFoundByDiscoveryAndOnlyTheirPublicPartIsKept() throws Exception {
        ECKey key = ecKey();
        serve(
                "/.well-known/openid-configuration",
                200,
                "{\"issuer\":\"" + base + "\",\"jwks_uri\":\"" + base + "/keys\"}");
        serve("/keys", 200, new JWKSet(key).toString(false)); // An issuer that leaks its private key.
        String found = fetch.keysOf(issuer(base, Optional.empty()));
        assertThat(JWKSet.parse(found).getKeys()).containsExactly((JWK) key.toPublicJWK());
    }

    @Test
    void discoveryOfAnotherIssuerIsRefused() {
        serve(
                "/.well-known/openid-configuration",
                200,
                "{\"issuer\":\"https://other.example\",\"jwks_uri\":\"" + base + "/keys\"}");
        assertThatThrownBy(() -> fetch.keysOf(issuer(base, Optional.empty())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("https://other.example (expected: exactly " + base);
    }

    @Test
    void keysThatDoNotSignAreLeftOutAndNothingIsNotASet() throws Exception {
        JWK encryption =
                new ECKeyGenerator(Curve.P_256).keyUse(KeyUse.ENCRYPTION).generate();
        JWK secret = new OctetSequenceKey.Builder(new byte[32]).build();
        serve("/mixed", 200, new JWKSet(List.of(encryption, secret, ecKey())).toString(false));
        assertThat(JWKSet.parse(keys("/mixed")).size()).isEqualTo(1);
        serve("/none", 200, new JWKSet(List.of(encryption, secret)).toString(false));
        assertThatThrownBy(() -> keys("/none")).hasMessageContaining("no EC or RSA signing key");
    }

    @Test
    void tooManyKeysAndTooManyBytesAreRefused() throws Exception {
        List<JWK> many = new ArrayList<>(Collections.nCopies(JwksFetch.KEYS_MAX + 1, ecKey().toPublicJWK()));
        serve("/many", 200, new JWKSet(many).toString());
        assertThatThrownBy(() -> keys("/many")).hasMessageContaining("33 keys (expected: at most 32)");
        serve("/large", 200, "{\"keys\":[],\"x\":\"" + "x".repeat(JwksFetch.BYTES_MAX) + "\"}");
        assertThatThrownBy(() -> keys("/large")).hasMessageContaining("more than 262144 bytes");
    }

    @Test
    void redirectIsFollowedOnlyToAnAddressThatIsAllowedItself() throws Exception {
        serve("/keys", 200, new JWKSet(ecKey()).toString());
        serve("/moved", 302, "", base + "/keys");
        assertThat(keys("/moved")).contains("\"EC\"");
        serve("/away", 302, "", "http://192.0.2.1/keys");
        assertThatThrownBy(() -> keys("/away")).hasMessageContaining("expected: https");
        serve("/round", 302, "", base + "/round");
        assertThatThrownBy(() -> keys("/round")).hasMessageContaining("redirects");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://192.0.2.1/keys",
                "https://169.254.169.254/latest/meta-data",
                "https://[fe80::1]/keys",
                "https://0.0.0.0/keys",
                "https://[::ffff:169.254.169.254]/keys",
                "file:///etc/passwd",
                "ftp://127.0.0.1/keys",
                "https://user@127.0.0.1/keys",
                "not a uri"
            })
    void addressesThatAreNoIssuersAreNeverAsked(String address) {
        assertThatThrownBy(() -> fetch.keysOf(issuer(base, Optional.of(address))))
                .isInstanceOf(IOException.class);
    }

    @Test
    void errorAnswersAreNoKeys() {
        serve("/gone", 404, "");
        assertThatThrownBy(() -> keys("/gone")).hasMessageContaining("status 404");
        serve("/html", 200, "<html>");
        assertThatThrownBy(() -> keys("/html")).hasMessageContaining("no JSON Web Key Set");
    }
}
