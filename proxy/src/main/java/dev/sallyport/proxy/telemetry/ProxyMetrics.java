package dev.sallyport.proxy.telemetry;

import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/**
 * The data path's counters. Event loops add without contention, a scrape reads; what labels may say is bounded ({@link RequestKey}, {@link CellTable}), so that no caller can make series without end
 * (linkerd GHSA-42mr-jpwh-m9rv).
 */
public final class ProxyMetrics {
    private final Map<Direction, List<CellTable>> tables = new EnumMap<>(Direction.class);
    private final UserMetrics users = new UserMetrics();
    private final HandshakeMetrics handshakes = new HandshakeMetrics();
    private final LongAdder silentConnections = new LongAdder();
    private final LongAdder recordsDropped = new LongAdder();
    private final LongAdder upstreamConnects = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final OpaMetrics opa = new OpaMetrics();
    private final ConnectionMetrics connections = new ConnectionMetrics();
    private final AccessMetrics access = new AccessMetrics();
    private final SpanMetrics spans = new SpanMetrics();

    public ProxyMetrics() {
        for (Direction direction : Direction.values()) {
            tables.put(direction, new CopyOnWriteArrayList<>());
        }
    }

    static <K extends Enum<K>, V> V in(Map<K, V> map, K key) {
        V value = map.get(key);
        if (value == null) {
            throw new IllegalStateException("no counter for " + key);
        }
        return value;
    }

    /** Counts what begins and ends on one event loop. */
    Observer observer(Direction direction) {
        CellTable table = new CellTable();
        in(tables, direction).add(table);
        return table;
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

    /** TLS handshakes of both directions. */
    public HandshakeMetrics handshakes() {
        return handshakes;
    }

    /** Opened and closed without a byte: a health probe or a port scan. */
    public void connectionSilent() {
        silentConnections.increment();
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

    /** What has ended, by everything that metrics tell apart; the same key once for each event loop. */
    public List<Cell> cells(Direction direction) {
        return in(tables, direction).stream()
                .flatMap(table -> table.cells().stream())
                .toList();
    }

    public long requests(Direction direction, Reason reason) {
        return cells(direction).stream()
                .filter(cell -> cell.key().reason() == reason)
                .mapToLong(Cell::requests)
                .sum();
    }

    /** Under way. */
    public long active(Direction direction) {
        return in(tables, direction).stream().mapToLong(CellTable::active).sum();
    }

    /** Inbound TLS handshakes that proved no identity. */
    public long refusedConnections() {
        return handshakes.count(Direction.INBOUND, HandshakeMetrics.Result.REFUSED);
    }

    public long silentConnections() {
        return silentConnections.sum();
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
}
