package dev.sallyport.server.issuer;

import dev.sallyport.policy.Mesh;
import dev.sallyport.server.store.Store;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of every declared issuer, fetched at start, when the Mesh changes and every {@link #REFRESH_EVERY}; after a failure with back-off. Good keys are never replaced by
 * nothing; the last good set outlives a restart. One virtual thread an issuer.
 */
public final class Issuers implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Issuers.class);
    private static final Duration REFRESH_EVERY = Duration.ofMinutes(5);
    private static final Duration RETRY_FIRST = Duration.ofMillis(500);

    /** What is known of one issuer, for people; never a key. {@code error}: why the last fetch failed. */
    public record Status(String name, String issuer, int keys, Optional<Instant> fetchedAt, Optional<String> error) {}

    /** Where keys come from: another address is another origin, whose keys never stand in for these. */
    private record Origin(String issuer, Optional<String> jwksUri) {
        static Origin of(Mesh.Issuer issuer) {
            return new Origin(issuer.issuer(), issuer.keys().jwksUri());
        }
    }

    private record Good(String jwks, Instant fetchedAt) {}

    private final Store store;
    private final Clock clock;
    private final Consumer<SortedMap<String, String>> onKeys;
    private final Object publishing = new Object();
    private final JwksFetch fetch = new JwksFetch();
    private final Map<Origin, Good> good = new HashMap<>(); // guarded by this, as all below
    private final Map<Origin, String> errors = new HashMap<>();
    private final Map<Origin, Thread> followers = new HashMap<>();
    private final Map<Origin, CountDownLatch> firstTries = new HashMap<>();
    private SortedMap<String, Mesh.Issuer> declared = new TreeMap<>();

    /** {@code onKeys} gets the key sets by issuer name whenever they change; one call at a time. */
    public Issuers(Store store, Clock clock, Consumer<SortedMap<String, String>> onKeys) {
        this.store = store;
        this.clock = clock;
        this.onKeys = onKeys;
        store.read(handle -> handle.createQuery("select issuer, jwks_uri, jwks, fetched_at from issuer_keys")
                        .map((row, _) -> {
                            String uri = row.getString("jwks_uri");
                            return Map.entry(
                                    new Origin(
                                            row.getString("issuer"),
                                            uri.isEmpty() ? Optional.empty() : Optional.of(uri)),
                                    new Good(row.getString("jwks"), Instant.ofEpochMilli(row.getLong("fetched_at"))));
                        })
                        .list())
                .forEach(row -> good.put(row.getKey(), row.getValue()));
    }

    /** Follows exactly the issuers that the Mesh declares now. */
    public void follow(SortedMap<String, Mesh.Issuer> issuers) {
        synchronized (this) {
            declared = new TreeMap<>(issuers);
            List<Origin> wanted = issuers.values().stream().map(Origin::of).toList();
            followers.entrySet().removeIf(entry -> {
                boolean gone = !wanted.contains(entry.getKey());
                if (gone) {
                    entry.getValue().interrupt();
                    errors.remove(entry.getKey());
                    firstTries.remove(entry.getKey());
                }
                return gone;
            });
            for (Mesh.Issuer issuer : issuers.values()) {
                followers.computeIfAbsent(Origin.of(issuer), origin -> {
                    CountDownLatch firstTry = new CountDownLatch(1);
                    firstTries.put(origin, firstTry);
                    return Thread.ofVirtual()
                            .name("issuer " + issuer.name())
                            .start(() -> refresh(issuer, origin, firstTry));
                });
            }
        }
        publish();
    }

    /** Waits until each issuer that has no keys yet was asked once; at most {@code limit} in all. */
    public void awaitFirstTries(Duration limit) throws InterruptedException {
        Instant end = Instant.now().plus(limit);
        List<CountDownLatch> tries;
        synchronized (this) {
            tries = firstTries.entrySet().stream()
                    .filter(entry -> !good.containsKey(entry.getKey()))
                    .map(Map.Entry::getValue)
                    .toList();
        }
        for (CountDownLatch first : tries) {
            boolean done = first.await(Duration.between(Instant.now(), end).toMillis(), TimeUnit.MILLISECONDS);
            if (!done) {
                log.warn("issuers: no answer within {}; starting without some keys, they follow", limit);
                return;
            }
        }
    }

    public synchronized List<Status> status() {
        return declared.values().stream()
                .map(issuer -> {
                    Origin origin = Origin.of(issuer);
                    Optional<Good> known = Optional.ofNullable(good.get(origin));
                    return new Status(
                            issuer.name(),
                            issuer.issuer(),
                            known.map(keys -> count(keys.jwks())).orElse(0),
                            known.map(Good::fetchedAt),
                            Optional.ofNullable(errors.get(origin)));
                })
                .toList();
    }

    private static int count(String jwks) {
        try {
            return com.nimbusds.jose.jwk.JWKSet.parse(jwks).size();
        } catch (java.text.ParseException e) {
            return 0;
        }
    }

    private synchronized SortedMap<String, String> byName() {
        SortedMap<String, String> keys = new TreeMap<>();
        declared.forEach((name, issuer) ->
                Optional.ofNullable(good.get(Origin.of(issuer))).ifPresent(known -> keys.put(name, known.jwks())));
        return keys;
    }

    /** One at a time, so that an older map never overtakes a newer one. */
    private void publish() {
        synchronized (publishing) {
            onKeys.accept(byName());
        }
    }

    private void refresh(Mesh.Issuer issuer, Origin origin, CountDownLatch firstTry) {
        Duration retry = RETRY_FIRST;
        try {
            while (true) {
                Optional<String> failure = tryOnce(issuer, origin);
                firstTry.countDown();
                if (failure.isEmpty()) {
                    retry = RETRY_FIRST;
                    Thread.sleep(REFRESH_EVERY);
                } else {
                    Thread.sleep(retry);
                    retry = retry.multipliedBy(2).compareTo(REFRESH_EVERY) < 0 ? retry.multipliedBy(2) : REFRESH_EVERY;
                }
            }
        } catch (InterruptedException e) {
            // No longer declared, or stopping.
        } finally {
            firstTry.countDown();
        }
    }

    private Optional<String> tryOnce(Mesh.Issuer issuer, Origin origin) throws InterruptedException {
        try {
            keep(origin, new Good(fetch.keysOf(issuer), clock.instant()));
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            String why = e.getMessage() == null ? e.toString() : e.getMessage();
            boolean first;
            synchronized (this) {
                first = !why.equals(errors.put(origin, why));
            }
            if (first) {
                log.warn("issuer {}: keys could not be fetched, the last good ones stay: {}", issuer.name(), why);
            }
            return Optional.of(why);
        }
    }

    private void keep(Origin origin, Good keys) {
        store.change(handle -> handle.execute(
                "insert or replace into issuer_keys (issuer, jwks_uri, jwks, fetched_at) values (?, ?, ?, ?)",
                origin.issuer(),
                origin.jwksUri().orElse(""),
                keys.jwks(),
                keys.fetchedAt().toEpochMilli()));
        synchronized (this) {
            errors.remove(origin);
            good.put(origin, keys);
        }
        publish();
    }

    @Override
    public synchronized void close() {
        followers.values().forEach(Thread::interrupt);
        followers.clear();
    }
}
