package dev.sallyport.proxy.telemetry;

import dev.sallyport.policy.Reason;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * The data path's counters. Event loops add without contention, a scrape reads; label sets are closed enums, so that no caller can make a new series (linkerd
 * GHSA-42mr-jpwh-m9rv).
 */
public final class ProxyMetrics {
    /** Upper ends of the duration histogram's buckets in microseconds, OpenTelemetry's for HTTP; one more bucket has no end. */
    private static final long[] BUCKET_MICROS = {
        5_000,
        10_000,
        25_000,
        50_000,
        75_000,
        100_000,
        250_000,
        500_000,
        750_000,
        1_000_000,
        2_500_000,
        5_000_000,
        7_500_000,
        10_000_000
    };

    private final Map<Connections.Direction, Map<Reason, LongAdder>> requests =
            new EnumMap<>(Connections.Direction.class);
    private final Map<Connections.Direction, LongAdder> active = new EnumMap<>(Connections.Direction.class);
    private final Map<Connections.Direction, LongAdder> micros = new EnumMap<>(Connections.Direction.class);
    private final Map<Connections.Direction, LongAdder[]> buckets = new EnumMap<>(Connections.Direction.class);
    private final PolicyMetrics policy = new PolicyMetrics();
    private final UserMetrics users = new UserMetrics();
    private final LongAdder refusedConnections = new LongAdder();
    private final LongAdder silentConnections = new LongAdder();
    private final LongAdder shedHandshakes = new LongAdder();
    private final LongAdder recordsDropped = new LongAdder();
    private final LongAdder upstreamConnects = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final OpaMetrics opa = new OpaMetrics();
    private final ConnectionMetrics connections = new ConnectionMetrics();
    private final AccessMetrics access = new AccessMetrics();
    private final SpanMetrics spans = new SpanMetrics();

    public ProxyMetrics() {
        for (Connections.Direction direction : Connections.Direction.values()) {
            Map<Reason, LongAdder> byReason = new EnumMap<>(Reason.class);
            for (Reason reason : Reason.values()) {
                byReason.put(reason, new LongAdder());
            }
            requests.put(direction, byReason);
            active.put(direction, new LongAdder());
            micros.put(direction, new LongAdder());
            LongAdder[] counts = new LongAdder[BUCKET_MICROS.length + 1];
            Arrays.setAll(counts, _ -> new LongAdder());
            buckets.put(direction, counts);
        }
    }

    static <K extends Enum<K>, V> V in(Map<K, V> map, K key) {
        V value = map.get(key);
        if (value == null) {
            throw new IllegalStateException("no counter for " + key);
        }
        return value;
    }

    public void requestStarted(Connections.Direction direction) {
        in(active, direction).increment();
    }

    /** Counts what ends on one event loop. */
    Observer observer(Connections.Direction direction) {
        return (record, reason, _, _) -> requestEnded(direction, reason, record.durationMicros);
    }

    public void requestEnded(Connections.Direction direction, Reason reason, long durationMicros) {
        in(active, direction).decrement();
        in(in(requests, direction), reason).increment();
        in(micros, direction).add(durationMicros);
        int bucket = 0;
        while (bucket < BUCKET_MICROS.length && durationMicros > BUCKET_MICROS[bucket]) {
            bucket++;
        }
        in(buckets, direction)[bucket].increment();
    }

    /** What a change of policy would change. */
    public PolicyMetrics policy() {
        return policy;
    }

    /** Users and their tokens. */
    public UserMetrics users() {
        return users;
    }

    /** Lines of the access log and of taps. */
    public AccessMetrics access() {
        return access;
    }

    /** Connections that were ended from here. */
    public ConnectionMetrics connections() {
        return connections;
    }

    /** What became of recorded spans. */
    public SpanMetrics spans() {
        return spans;
    }

    /** A TLS handshake that proved no identity. */
    public void connectionRefused() {
        refusedConnections.increment();
    }

    /** Opened and closed without a byte: a health probe or a port scan. */
    public void connectionSilent() {
        silentConnections.increment();
    }

    /** A connection that was closed before its handshake: there were too many a second. */
    public void handshakeShed() {
        shedHandshakes.increment();
    }

    /** A record that found the audit ring full. */
    public void recordDropped() {
        recordsDropped.increment();
    }

    public void upstreamConnected() {
        upstreamConnects.increment();
    }

    public void retried() {
        retries.increment();
    }

    public OpaMetrics opa() {
        return opa;
    }

    public long requests(Connections.Direction direction, Reason reason) {
        return in(in(requests, direction), reason).sum();
    }

    public long active(Connections.Direction direction) {
        return in(active, direction).sum();
    }

    /** Total time of all ended requests. */
    public long requestMicros(Connections.Direction direction) {
        return in(micros, direction).sum();
    }

    public long refusedConnections() {
        return refusedConnections.sum();
    }

    public long silentConnections() {
        return silentConnections.sum();
    }

    public long shedHandshakes() {
        return shedHandshakes.sum();
    }

    public long recordsDropped() {
        return recordsDropped.sum();
    }

    public long upstreamConnects() {
        return upstreamConnects.sum();
    }

    public long retries() {
        return retries.sum();
    }

    /** Upper ends of {@link #durations} in seconds, the last infinite. */
    public static double[] durationBounds() {
        double[] bounds = new double[BUCKET_MICROS.length + 1];
        Arrays.setAll(
                bounds, i -> i < BUCKET_MICROS.length ? BUCKET_MICROS[i] / 1_000_000.0 : Double.POSITIVE_INFINITY);
        return bounds;
    }

    /** Ended requests by duration, each in one bucket. */
    public long[] durations(Connections.Direction direction) {
        return Arrays.stream(in(buckets, direction)).mapToLong(LongAdder::sum).toArray();
    }
}
