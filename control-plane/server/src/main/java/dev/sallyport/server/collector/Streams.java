package dev.sallyport.server.collector;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.collector.BatchRefusedException.Reason;
import dev.sallyport.server.issuance.TokenBucket;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The streams that are watched, by name. A stream that has to make room for others of its identity is not lost: its row stays in the store, where {@link History#state} finds it
 * when it comes again. Reads take no lock.
 */
final class Streams {
    /** Some hundred bytes each. */
    static final int STREAMS_MAX = 100_000;
    /** Of one identity, so that whoever begins streams without end keeps nobody else from beginning one. */
    static final int OF_ONE_MAX = 1000;
    /** One that has not ended keeps its place for so long after its last record: a finding says by then that it did not end. */
    static final Duration KEPT_OPEN = Duration.ofHours(1);
    /** A stream begins with a sidecar's folder: so many new ones of one identity are pods that come and go, more are somebody who fills the table. */
    private static final int NEW_AT_ONCE = 200;

    private static final double NEW_PER_SECOND = 1;
    /** Of the buckets: as many identities as a mesh has. */
    private static final int IDENTITIES_MAX = 10_000;

    private static final Comparator<StreamState> FIRST_TO_GO =
            Comparator.comparing((StreamState state) -> !state.ended()).thenComparing(StreamState::newest);

    private final Map<String, StreamState> states = new ConcurrentHashMap<>();
    private final Map<SpiffeId, Set<String>> names = new HashMap<>(); // guarded by this
    private final Map<String, TokenBucket> beginnings = new HashMap<>(); // the collector's thread only

    synchronized void put(StreamState state) {
        states.put(state.name().text(), state);
        names.computeIfAbsent(state.identity(), _ -> new HashSet<>())
                .add(state.name().text());
    }

    Optional<StreamState> find(String stream) {
        return Optional.ofNullable(states.get(stream));
    }

    Collection<StreamState> all() {
        return List.copyOf(states.values());
    }

    synchronized void forget(Collection<String> streams) {
        for (String stream : streams) {
            StreamState state = states.remove(stream);
            if (state != null) {
                Set<String> own = names.getOrDefault(state.identity(), new HashSet<>());
                own.remove(stream);
                if (own.isEmpty()) {
                    names.remove(state.identity());
                }
            }
        }
    }

    /** Refuses a batch that begins one stream too many for so short a time. */
    void refuseHaste(SpiffeId identity) throws BatchRefusedException {
        if (beginnings.size() >= IDENTITIES_MAX) {
            beginnings.clear();
        }
        TokenBucket left = beginnings.computeIfAbsent(
                identity.toString(), _ -> new TokenBucket(NEW_PER_SECOND, NEW_AT_ONCE, System::nanoTime));
        if (!left.take()) {
            throw new BatchRefusedException(
                    Reason.STREAMS, "new streams of " + identity + " (expected: at most " + NEW_AT_ONCE + " at once)");
        }
    }

    /** Room for one more: of its identity's, those that ended go first, the oldest of them before the others; refuses it when all of them last, or there are too many of all. */
    synchronized void makeRoom(SpiffeId identity, Instant now) throws BatchRefusedException {
        Set<String> own = names.getOrDefault(identity, Set.of());
        while (own.size() >= OF_ONE_MAX) {
            StreamState first = own.stream()
                    .map(name -> Objects.requireNonNull(states.get(name)))
                    .min(FIRST_TO_GO)
                    .orElseThrow();
            if (!first.ended() && first.newest().isAfter(now.minus(KEPT_OPEN))) {
                throw new BatchRefusedException(
                        Reason.STREAMS,
                        "streams of " + identity + " (expected: at most " + OF_ONE_MAX
                                + " that have not ended and had records within " + KEPT_OPEN.toMinutes() + " min)");
            }
            forget(List.of(first.name().text()));
        }
        if (states.size() >= STREAMS_MAX) {
            throw new BatchRefusedException(Reason.STREAMS, "streams (expected: at most " + STREAMS_MAX + ")");
        }
    }
}
