package dev.sallyport.server.issuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.fetch.TestProvider;
import dev.sallyport.server.issuer.Issuers.State;
import dev.sallyport.server.issuer.Issuers.Status;
import dev.sallyport.server.store.Store;
import dev.sallyport.server.testing.SetClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A real provider that breaks: the last good keys count until their end, then none, and its recovery brings them back. */
class IssuerFaultsTest {
    /** How a provider fails. */
    enum Fault {
        SERVER_ERROR,
        EMPTY_SET,
        HTML,
        HANGS,
        TOO_LARGE,
        ONLY_BAD_KEYS,
        REDIRECT_TO_METADATA,
        COMPRESSED
    }

    @TempDir
    Path folder;

    private final SetClock clock = new SetClock(Instant.parse("2026-08-01T12:00:00Z"));
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicReference<String> fault = new AtomicReference<>("");
    private final AtomicReference<String> jwks = new AtomicReference<>("");
    private volatile SortedMap<String, String> seen = new TreeMap<>();
    private TestProvider provider;
    private Store store;
    private Issuers issuers;

    @BeforeEach
    void start() throws Exception {
        provider = TestProvider.http();
        provider.on("/keys", exchange -> {
            byte[] body = jwks.get().getBytes(StandardCharsets.UTF_8);
            switch (fault.get()) {
                case "" -> TestProvider.answer(exchange, 200, "application/json", body);
                case "SERVER_ERROR" -> TestProvider.answer(exchange, 500, "application/json", body);
                case "EMPTY_SET" -> answer(exchange, "{\"keys\":[]}");
                case "HTML" -> TestProvider.answer(exchange, 200, "text/html", body);
                case "TOO_LARGE" -> answer(exchange, jwks.get() + " ".repeat(1 << 20));
                case "ONLY_BAD_KEYS" -> answer(exchange, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}");
                case "REDIRECT_TO_METADATA" ->
                    TestProvider.answer(exchange, 302, "", new byte[0], "location", "http://169.254.169.254/keys");
                case "COMPRESSED" ->
                    TestProvider.answer(exchange, 200, "application/json", body, "content-encoding", "gzip");
                default -> hang();
            }
        });
        store = Store.open(folder);
        issuers = new Issuers(store, clock, new JwksFetch(provider.fetch(Duration.ofMillis(700))), keys -> seen = keys);
    }

    private static void answer(com.sun.net.httpserver.HttpExchange exchange, String body) throws java.io.IOException {
        TestProvider.answer(exchange, 200, "application/json", body.getBytes(StandardCharsets.UTF_8));
    }

    private void hang() {
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void stop() {
        over.countDown();
        issuers.close();
        store.close();
        provider.close();
    }

    private Status status() {
        return issuers.status().getFirst();
    }

    private void follow(String uri) {
        Mesh.Issuer issuer = Declared.at("shop", uri, Declared.MAX_STALE);
        issuers.follow(Declared.all(issuer));
        await().until(() -> status().fetches() + status().fetchFailures() > 0);
    }

    /** Time goes on meanwhile: a fetch that fails after the clock was moved plans the next attempt from then, and on a clock that stands it never comes. */
    private void awaitState(State state) {
        await().untilAsserted(() -> {
            clock.move(Duration.ofSeconds(1));
            issuers.look();
            assertThat(status().state()).isEqualTo(state);
        });
    }

    private void rotateTo(String id) throws Exception {
        jwks.set(new JWKSet(new ECKeyGenerator(Curve.P_256).keyID(id).generate()).toString());
    }

    @ParameterizedTest
    @EnumSource
    void lastGoodKeysOutliveTheFaultUntilMaxStaleAndThenThereAreNone(Fault broken) throws Exception {
        rotateTo("k1");
        follow(provider.base() + "/keys");
        awaitState(State.FRESH);
        assertThat(seen.get("shop")).contains("k1");

        fault.set(broken.name());
        clock.move(Duration.ofMinutes(6));
        awaitState(State.STALE);
        await().until(() -> status().error().isPresent());
        assertThat(seen.get("shop")).contains("k1");

        clock.move(Declared.MAX_STALE);
        awaitState(State.GONE);
        assertThat(seen).isEmpty();

        fault.set("");
        clock.move(Duration.ofMinutes(6));
        awaitState(State.FRESH);
        assertThat(seen.get("shop")).contains("k1");
    }

    @Test
    void providerThatIsGoneAndOneWithABadCertificateAreFaultsToo() throws Exception {
        rotateTo("k1");
        follow(provider.base() + "/keys");
        awaitState(State.FRESH);
        provider.server.stop(0);
        clock.move(Duration.ofMinutes(6));
        awaitState(State.STALE);
        assertThat(seen.get("shop")).contains("k1");

        try (TestProvider stranger = TestProvider.https("127.0.0.1")) {
            stranger.json("/keys", jwks.get());
            follow("https://127.0.0.1:" + stranger.port() + "/keys");
            await().until(() -> status().error().isPresent());
            assertThat(status().state()).isEqualTo(State.NEVER);
            assertThat(stranger.asked).isEmpty();
        }
    }

    @Test
    void keyRotatedWithoutOverlapIsThereAfterOneFetchThatASidecarWanted() throws Exception {
        rotateTo("k1");
        follow(provider.base() + "/keys");
        awaitState(State.FRESH);
        rotateTo("k2");
        clock.move(Duration.ofSeconds(1));
        assertThat(issuers.wanted("shop")).isTrue();
        await().untilAsserted(() -> assertThat(seen.get("shop")).contains("k2").doesNotContain("k1"));
        assertThat(provider.asked).hasSize(2);
    }

    @Test
    void keyRotatedWithOverlapIsThereBesideTheOldOneWhichEndsWithItsPublication() throws Exception {
        rotateTo("k1");
        String first = jwks.get();
        follow(provider.base() + "/keys");
        awaitState(State.FRESH);
        rotateTo("k2");
        String second = jwks.get();
        jwks.set(first.replace("]}", ",") + second.replace("{\"keys\":[", ""));
        clock.move(Duration.ofMinutes(5));
        await().untilAsserted(() -> {
            issuers.look();
            assertThat(status().keyIds()).containsExactly("k1", "k2");
        });
        jwks.set(second);
        clock.move(Duration.ofMinutes(5));
        await().untilAsserted(() -> {
            issuers.look();
            assertThat(status().keyIds()).containsExactly("k2");
        });
        assertThat(seen.get("shop")).doesNotContain("k1");
    }
}
