package dev.sallyport.server.issuer;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.fetch.Fetch;
import dev.sallyport.server.issuer.StoredKeys.Origin;
import dev.sallyport.server.store.Store;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of every declared issuer. One thread looks at all of them a few times a second; each is asked on a thread of its own, so that one that hangs delays nobody else's keys.
 */
public final class Issuers implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Issuers.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    /** How it stands with an issuer's keys. */
    public enum State {
        /** They count, and the latest fetch gave them. */
        FRESH,
        /** They count, and the latest fetch failed or is late. */
        STALE,
        /** They were good, and are older than {@code maxStale}: none counts. */
        GONE,
        /** None was ever fetched. */
        NEVER;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What is known of one issuer, for people; never a key. {@code keys} and {@code keyIds}: those that count. {@code error}: why the last fetch failed; {@code skipped}: published
     * keys that do not count; {@code keyReports}: how often sidecars wanted a key that they do not have, since the start.
     */
    public record Status(
            String name,
            String issuer,
            State state,
            int keys,
            List<String> keyIds,
            Optional<Instant> fetchedAt,
            Optional<Long> ageSeconds,
            Optional<Instant> goodUntil,
            Instant nextFetch,
            Optional<String> error,
            List<SkippedKey> skipped,
            long keyReports,
            long fetches,
            long fetchFailures) {}

    private final KeyFollower.Setting setting;
    private final Consumer<SortedMap<String, String>> onKeys;
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("issuers").factory());
    private final ExecutorService fetching = Executors.newThreadPerTaskExecutor(
            Thread.ofPlatform().daemon().name("issuer keys ", 0).factory());
    private final Map<Origin, KeyFollower> followers = new HashMap<>(); // guarded by this
    private final Object publishing = new Object();
    private SortedMap<String, String> published = new TreeMap<>(); // guarded by publishing

    /** {@code onKeys} gets the key sets by issuer name whenever they change, one call at a time; it may block. */
    Issuers(Store store, Clock clock, KeyFollower.Source source, Consumer<SortedMap<String, String>> onKeys) {
        StoredKeys keeper = new StoredKeys(store);
        keeper.forgetLongEnded(clock.instant());
        this.onKeys = onKeys;
        this.setting = new KeyFollower.Setting(source, keeper, fetching, clock, new SecureRandom(), this::publish);
    }

    /** As above, with keys from the issuers themselves, and looking after them from now on. */
    public static Issuers start(Store store, Clock clock, Fetch fetch, Consumer<SortedMap<String, String>> onKeys) {
        Issuers issuers = new Issuers(store, clock, new JwksFetch(fetch), onKeys);
        issuers.looking.scheduleWithFixedDelay(
                issuers::look, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        return issuers;
    }

    /** Follows exactly the issuers that the Mesh declares now. */
    public void follow(SortedMap<String, Mesh.Issuer> declared) {
        synchronized (this) {
            Set<Origin> wanted = declared.values().stream().map(Origin::of).collect(Collectors.toSet());
            followers.entrySet().removeIf(entry -> {
                boolean gone = !wanted.contains(entry.getKey());
                if (gone) {
                    entry.getValue().close();
                }
                return gone;
            });
            for (Mesh.Issuer issuer : declared.values()) {
                Origin origin = Origin.of(issuer);
                followers
                        .computeIfAbsent(origin, _ -> new KeyFollower(issuer, setting))
                        .declare(issuer);
            }
        }
        look();
    }

    /** Begins what is due and withdraws what has ended. Never throws: a periodic task that throws is never run again. */
    void look() {
        try {
            followers().forEach(KeyFollower::look);
        } catch (RuntimeException e) {
            log.error("issuers: could not be looked after; it is tried again", e);
        }
        publish();
    }

    /** A sidecar saw a token of this issuer with a key id that it does not know. False when the Mesh declares no such issuer. Returns at once. */
    public boolean wanted(String name) {
        Optional<KeyFollower> follower =
                followers().stream().filter(each -> each.name().equals(name)).findFirst();
        follower.ifPresent(each -> {
            each.wanted();
            each.look();
        });
        return follower.isPresent();
    }

    /** Waits until each issuer that has no keys yet was asked once; at most {@code limit} in all. */
    public void awaitFirstTries(Duration limit) throws InterruptedException {
        CompletableFuture<?>[] tries = followers().stream()
                .filter(follower -> follower.jwks().isEmpty())
                .map(KeyFollower::firstTry)
                .toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(tries).get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.warn("issuers: no answer within {}; starting without some keys, they follow", limit);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // A first try is done, never failed.
        }
    }

    /** Of each declared issuer, by name. */
    public List<Status> status() {
        return followers().stream()
                .map(KeyFollower::status)
                .sorted(Comparator.comparing(Status::name))
                .toList();
    }

    private synchronized List<KeyFollower> followers() {
        return List.copyOf(followers.values());
    }

    /** One at a time, so that an older map never overtakes a newer one. What could not be published is tried again with the next look. */
    private void publish() {
        synchronized (publishing) {
            SortedMap<String, String> keys = new TreeMap<>();
            followers().forEach(each -> each.jwks().ifPresent(jwks -> keys.put(each.name(), jwks)));
            if (keys.equals(published)) {
                return;
            }
            try {
                onKeys.accept(keys);
                published = keys;
            } catch (RuntimeException e) {
                log.error("issuers: changed keys could not be published; it is tried again", e);
            }
        }
    }

    @Override
    public void close() {
        looking.shutdownNow();
        followers().forEach(KeyFollower::close);
        fetching.shutdownNow();
    }
}
