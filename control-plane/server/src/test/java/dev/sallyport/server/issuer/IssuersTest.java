package dev.sallyport.server.issuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.sun.net.httpserver.HttpServer;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.store.Store;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Good keys are never replaced by nothing. */
class IssuersTest {
    @TempDir
    Path folder;

    private static SortedMap<String, Mesh.Issuer> declared(String jwksUri) {
        Mesh.Issuer issuer = new Mesh.Issuer(
                "shop",
                "https://shop.example",
                List.of("a"),
                List.of("ES256"),
                Optional.of(jwksUri),
                "roles",
                "scope",
                Duration.ZERO,
                Optional.empty(),
                Map.of());
        return new TreeMap<>(Map.of("shop", issuer));
    }

    @Test
    void lastGoodKeysOutliveTheProviderAndARestartButNotAnotherAddress() throws Exception {
        HttpServer provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] keys = new JWKSet(
                        new ECKeyGenerator(Curve.P_256).keyID("k1").generate().toPublicJWK())
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        provider.createContext("/keys", exchange -> {
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        provider.start();
        String uri = "http://127.0.0.1:" + provider.getAddress().getPort() + "/keys";
        try (Store store = Store.open(folder)) {
            AtomicReference<SortedMap<String, String>> seen = new AtomicReference<>(new TreeMap<>());
            try (Issuers issuers = new Issuers(store, Clock.systemUTC(), seen::set)) {
                issuers.follow(declared(uri));
                issuers.awaitFirstTries(Duration.ofSeconds(10));
                await().untilAsserted(() -> assertThat(seen.get()).containsOnlyKeys("shop"));
            }
            provider.stop(0);
            try (Issuers issuers = new Issuers(store, Clock.systemUTC(), seen::set)) {
                issuers.follow(declared(uri));
                assertThat(seen.get().get("shop")).contains("k1");
                await().untilAsserted(() ->
                        assertThat(issuers.status().getFirst().error()).isPresent());
                assertThat(issuers.status().getFirst().keys()).isEqualTo(1);
                assertThat(seen.get().get("shop")).contains("k1");

                issuers.follow(declared(uri + "/elsewhere"));
                assertThat(seen.get()).as("keys of another address").isEmpty();
                issuers.follow(new TreeMap<>());
                assertThat(issuers.status()).isEmpty();
            }
        }
    }
}
