package dev.sallyport.server.issuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.issuer.Issuers.State;
import dev.sallyport.server.issuer.Issuers.Status;
import dev.sallyport.server.store.Store;
import dev.sallyport.server.testing.SetClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose keys count when; the issuers are made up and the clock stands still until it is moved. */
class IssuersTest {
    @TempDir
    Path folder;

    private final SetClock clock = new SetClock(Instant.parse("2026-08-01T12:00:00Z"));
    private final FakeIssuers world = new FakeIssuers();
    private volatile SortedMap<String, String> seen = new TreeMap<>();
    private Store store;
    private Issuers issuers;

    /** What issuers answer, by name; one without an answer is down. */
    private static final class FakeIssuers implements KeyFollower.Source {
        final Map<String, String> ids = new ConcurrentHashMap<>();
        final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
        final Map<String, Semaphore> held = new ConcurrentHashMap<>();
        final AtomicInteger atOnceMost = new AtomicInteger();
        private final Map<String, AtomicInteger> atOnce = new ConcurrentHashMap<>();

        @Override
        public KeySet keysOf(Mesh.Issuer issuer) throws IOException, InterruptedException {
            AtomicInteger now = atOnce.computeIfAbsent(issuer.name(), _ -> new AtomicInteger());
            atOnceMost.accumulateAndGet(now.incrementAndGet(), Math::max);
            asked(issuer.name()).incrementAndGet();
            try {
                Semaphore gate = held.get(issuer.name());
                if (gate != null) {
                    gate.acquire();
                }
                String id = ids.get(issuer.name());
                if (id == null) {
                    throw new IOException("down");
                }
                return keys(id);
            } finally {
                now.decrementAndGet();
            }
        }

        AtomicInteger asked(String name) {
            return asked.computeIfAbsent(name, _ -> new AtomicInteger());
        }

        private static KeySet keys(String id) {
            try {
                String jwks = new JWKSet(new ECKeyGenerator(Curve.P_256)
                                .keyID(id)
                                .generate()
                                .toPublicJWK())
                        .toString();
                return new KeySet(jwks, List.of(id), List.of());
            } catch (JOSEException e) {
                throw new AssertionError(e);
            }
        }
    }

    @BeforeEach
    void start() throws IOException {
        store = Store.open(folder);
        issuers = open();
    }

    private Issuers open() {
        return new Issuers(store, clock, world, keys -> seen = keys);
    }

    @AfterEach
    void stop() {
        issuers.close();
        store.close();
    }

    private Status status(String name) {
        return issuers.status().stream()
                .filter(status -> status.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Moves the clock, and waits until what was due is done. */
    private void pass(Duration time) {
        clock.move(time);
        issuers.look();
        settle();
    }

    private void settle() {
        await().until(() -> {
            issuers.look();
            return issuers.status().stream()
                    .allMatch(status -> status.nextFetch().isAfter(clock.instant()));
        });
        issuers.look();
    }

    private void follow(Mesh.Issuer... declared) {
        issuers.follow(Declared.all(declared));
        settle();
    }

    @Test
    void keysAreFetchedAtOnceAndRefreshedAhead() {
        world.ids.put("shop", "k1");
        follow(Declared.of("shop"));
        assertThat(seen.get("shop")).contains("k1");
        Status fresh = status("shop");
        assertThat(fresh.state()).isEqualTo(State.FRESH);
        assertThat(fresh.keyIds()).containsExactly("k1");
        assertThat(fresh.fetchedAt()).contains(clock.instant());
        assertThat(fresh.goodUntil()).contains(clock.instant().plus(Declared.MAX_STALE));
        assertThat(fresh.nextFetch()).isEqualTo(clock.instant().plus(Duration.ofMinutes(5)));

        world.ids.put("shop", "k2");
        pass(Duration.ofMinutes(4));
        assertThat(seen.get("shop")).contains("k1");
        pass(Duration.ofMinutes(1));
        assertThat(seen.get("shop")).contains("k2").doesNotContain("k1");
        assertThat(world.asked("shop")).hasValue(2);
    }

    @Test
    void lastGoodKeysCountThroughAnOutageUntilMaxStaleAndComeBackWithTheFirstGoodFetch() {
        world.ids.put("shop", "k1");
        follow(Declared.of("shop"));
        world.ids.clear();
        pass(Declared.MAX_STALE.minusMillis(1));
        assertThat(seen.get("shop")).contains("k1");
        assertThat(status("shop").state()).isEqualTo(State.STALE);
        assertThat(status("shop").error()).contains("down");
        assertThat(status("shop").ageSeconds()).contains(3599L);

        pass(Duration.ofMillis(1));
        assertThat(seen).isEmpty();
        assertThat(status("shop").state()).isEqualTo(State.GONE);
        assertThat(status("shop").keys()).isZero();
        assertThat(status("shop").fetchedAt()).isPresent();

        world.ids.put("shop", "k1");
        pass(Duration.ofMinutes(5));
        assertThat(seen.get("shop")).contains("k1");
        assertThat(status("shop").state()).isEqualTo(State.FRESH);
        assertThat(status("shop").error()).isEmpty();
    }

    @Test
    void issuerThatNeverAnsweredHasNoKeys() {
        follow(Declared.of("shop"));
        assertThat(seen).isEmpty();
        assertThat(status("shop").state()).isEqualTo(State.NEVER);
        assertThat(status("shop").goodUntil()).isEmpty();
    }

    @Test
    void ageOfKeysRunsOnAcrossARestartAndASleep() {
        world.ids.put("shop", "k1");
        follow(Declared.of("shop"));
        issuers.close();
        world.ids.clear();

        clock.move(Duration.ofMinutes(59));
        issuers = open();
        follow(Declared.of("shop"));
        assertThat(seen.get("shop")).contains("k1");
        assertThat(status("shop").state()).isEqualTo(State.STALE);
        assertThat(status("shop").keyIds()).containsExactly("k1");

        clock.move(Duration.ofDays(3)); // nobody looked in between
        assertThat(status("shop").state()).isEqualTo(State.GONE);
        issuers.look();
        assertThat(seen).isEmpty();
        issuers.close();

        seen = new TreeMap<>(Map.of("shop", "to be taken away"));
        issuers = open();
        issuers.look();
        follow(Declared.of("shop"));
        assertThat(status("shop").state()).isEqualTo(State.GONE);
        assertThat(status("shop").keys()).isZero();
    }

    @Test
    void clockThatWasSetBackDoesNotMakeKeysYounger() {
        world.ids.put("shop", "k1");
        follow(Declared.of("shop"));
        world.ids.clear();
        pass(Duration.ofDays(-2));
        assertThat(seen.get("shop")).contains("k1");
        pass(Declared.MAX_STALE);
        assertThat(seen).isEmpty();
    }

    @Test
    void keysOfAnotherAddressNeverStandInAndAReturnToTheFirstFindsThem() {
        world.ids.put("shop", "k1");
        follow(Declared.of("shop"));
        world.ids.clear();
        follow(Declared.at("shop", "https://elsewhere.example/keys", Declared.MAX_STALE));
        assertThat(seen).isEmpty();
        follow(Declared.of("shop"));
        assertThat(seen.get("shop")).contains("k1");
        follow();
        assertThat(seen).isEmpty();
        assertThat(issuers.status()).isEmpty();
    }

    @Test
    void otherDeclarationIsAskedAnewAndAShorterMaxStaleCountsAtOnce() {
        world.ids.put("shop", "k1");
        follow(Declared.of("shop"));
        world.ids.clear();
        pass(Duration.ofMinutes(30));
        int before = world.asked("shop").get();
        follow(Declared.at("shop", "https://shop.example/keys", Duration.ofMinutes(10)));
        assertThat(world.asked("shop").get()).isGreaterThan(before);
        assertThat(seen).isEmpty();
    }

    @Test
    void answerToAnEarlierDeclarationIsDropped() throws Exception {
        Semaphore gate = new Semaphore(0);
        world.held.put("shop", gate);
        world.ids.put("shop", "old");
        issuers.follow(Declared.all(Declared.of("shop")));
        await().until(() -> world.asked("shop").get() == 1);
        issuers.follow(Declared.all(Declared.at("shop", "https://shop.example/keys", Duration.ofMinutes(10))));
        world.held.clear();
        gate.release();
        await().until(() -> {
            issuers.look();
            return world.asked("shop").get() == 2 && status("shop").fetches() == 1;
        });
    }

    @Test
    void issuerThatHangsDelaysNobodyElse() {
        world.held.put("slow", new Semaphore(0));
        world.ids.put("quick", "q1");
        issuers.follow(Declared.all(Declared.of("slow"), Declared.of("quick")));
        await().untilAsserted(() -> assertThat(seen).containsOnlyKeys("quick"));
        for (int i = 0; i < 10; i++) {
            clock.move(Duration.ofMinutes(5));
            issuers.look();
        }
        assertThat(world.asked("slow")).as("one at a time").hasValue(1);
        await().until(() -> status("quick").fetches() >= 2);
        assertThat(world.atOnceMost).hasValue(1);
    }

    @Test
    void floodOfReportsCausesAtMostOneFetchInHalfAMinute() throws Exception {
        world.ids.put("shop", "k1");
        world.ids.put("other", "o1");
        follow(Declared.of("shop"), Declared.of("other"));
        world.ids.put("shop", "k2"); // rotated without overlap
        List<Thread> sidecars = IntStream.range(0, 8)
                .mapToObj(_ -> Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 500; i++) {
                        issuers.wanted("shop");
                    }
                }))
                .toList();
        for (Thread sidecar : sidecars) {
            sidecar.join();
        }
        await().untilAsserted(() -> assertThat(seen.get("shop")).contains("k2"));
        await().until(() -> status("shop").fetches() == world.asked("shop").get());
        assertThat(world.asked("shop")).as("the first fetch and the wanted one").hasValue(2);
        assertThat(status("shop").keyReports()).isEqualTo(4000);

        for (int second = 1; second < 90; second++) {
            clock.move(Duration.ofSeconds(1));
            issuers.wanted("shop");
            await().pollInterval(Duration.ofMillis(2))
                    .until(() -> status("shop").fetches() == world.asked("shop").get());
        }
        assertThat(world.asked("shop")).as("at 30 and 60 s").hasValue(4);
        assertThat(world.asked("other")).hasValue(1);
        assertThat(world.atOnceMost).hasValue(1);
    }

    @Test
    void reportOfAnUndeclaredIssuerIsNobodys() {
        world.ids.put("shop", "k1");
        follow(Declared.of("shop"));
        assertThat(issuers.wanted("else")).isFalse();
        assertThat(issuers.wanted("shop")).isTrue();
    }

    @Test
    void startWaitsForFirstAnswersButNotForASlowOne() throws Exception {
        world.held.put("slow", new Semaphore(0));
        world.ids.put("quick", "q1");
        issuers.follow(Declared.all(Declared.of("quick")));
        issuers.awaitFirstTries(Duration.ofSeconds(30));
        assertThat(seen).containsOnlyKeys("quick");
        issuers.follow(Declared.all(Declared.of("quick"), Declared.of("slow")));
        issuers.awaitFirstTries(Duration.ofMillis(50));
        assertThat(seen).containsOnlyKeys("quick");
    }

    @Test
    void storeThatCannotKeepThemDoesNotCostTheKeys() {
        world.ids.put("shop", "k1");
        follow(Declared.of("shop"));
        store.close();
        world.ids.put("shop", "k2");
        pass(Duration.ofMinutes(5));
        assertThat(seen.get("shop")).contains("k2");
    }
}
