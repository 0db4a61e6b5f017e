package dev.sallyport.server.collector;

import dev.sallyport.server.collector.BatchRefusedException.Reason;
import dev.sallyport.server.issuance.TokenBucket;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Every stream by its name. Written by the collector's thread only; read by any. */
final class Streams {
    /** Some hundred bytes each. */
    static final int STREAMS_MAX = 100_000;
    /** A stream begins with a sidecar's folder: so many new ones of one identity are pods that come and go, more are somebody who fills the table. */
    private static final int NEW_AT_ONCE = 200;

    private static final double NEW_PER_SECOND = 1;
    /** Of the buckets: as many identities as a mesh has. */
    private static final int IDENTITIES_MAX = 10_000;

    private final Map<String, StreamState> states = new ConcurrentHashMap<>();
    private final Map<String, TokenBucket> beginnings = new HashMap<>();

    void put(StreamState state) {
        states.put(state.name().text(), state);
    }

    Optional<StreamState> find(String stream) {
        return Optional.ofNullable(states.get(stream));
    }

    Collection<StreamState> all() {
        return List.copyOf(states.values());
    }

    void forget(Collection<String> streams) {
        streams.forEach(states::remove);
    }

    /** Refuses a batch that begins one stream too many, of all or of its identity. */
    void refuseCrowd(VerifiedBatch batch) throws BatchRefusedException {
        if (states.size() >= STREAMS_MAX) {
            throw new BatchRefusedException(Reason.STREAMS, "streams (expected: at most " + STREAMS_MAX + ")");
        }
        if (beginnings.size() >= IDENTITIES_MAX) {
            beginnings.clear();
        }
        TokenBucket left = beginnings.computeIfAbsent(
                batch.identity().toString(), _ -> new TokenBucket(NEW_PER_SECOND, NEW_AT_ONCE, System::nanoTime));
        if (!left.take()) {
            throw new BatchRefusedException(
                    Reason.STREAMS,
                    "new streams of " + batch.identity() + " (expected: at most " + NEW_AT_ONCE + " at once)");
        }
    }
}
