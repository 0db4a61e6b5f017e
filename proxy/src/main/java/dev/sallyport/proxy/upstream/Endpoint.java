package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.http.ResponseHead;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One address of a target as one event loop sees it: idle connections, load, failures. */
final class Endpoint {
    private static final int FAILURES_MAX = 3;
    private static final long EJECTION_NANOS = Duration.ofSeconds(5).toNanos();
    /** A server that closes sooner than this after a response is not to be raced at all. */
    private static final long IDLE_NANOS_MIN = Duration.ofMillis(500).toNanos();
    /** What was learned outlives the last connection by so long: a server that is seldom asked fails, or closes first, each time it is. */
    private static final long MEMORY_NANOS = Duration.ofMinutes(1).toNanos();

    private final Address address;
    private final String addressText;
    private final ArrayDeque<UpstreamConnection> idle = new ArrayDeque<>();
    private final ArrayDeque<UpstreamPool.Waiting> waiting = new ArrayDeque<>();
    private int connections;
    private int opening;
    private int failures;
    private long ejectedAt;
    private boolean ejected;
    private long leftAt = System.nanoTime();
    /** How long a connection may rest: less than the server waits, as far as it has told or shown. */
    private long idleNanos;

    Endpoint(Address address, Duration idleLife) {
        this.address = address;
        this.addressText = address.toString();
        this.idleNanos = idleLife.toNanos();
    }

    /** A server that says {@code Keep-Alive: timeout=5} closes after five seconds: we rest a second less. */
    void learn(ResponseHead head) {
        int seconds = head.keepAliveSeconds();
        if (seconds >= 0) {
            rest(Duration.ofSeconds(seconds - 1L).toNanos());
        }
    }

    /** The server closed a connection that had rested so long: the next one rests less (503 of the race that nobody wins). */
    void closedIdle(long nanos) {
        rest(nanos / 4 * 3);
    }

    private void rest(long nanos) {
        idleNanos = Math.min(idleNanos, Math.max(IDLE_NANOS_MIN, nanos));
    }

    Duration idleLife() {
        return Duration.ofNanos(idleNanos);
    }

    Address address() {
        return address;
    }

    /** As it stands on record. */
    String addressText() {
        return addressText;
    }

    /** Connections that serve or are being opened. */
    int inFlight() {
        return connections - idle.size();
    }

    int connections() {
        return connections;
    }

    /** Of {@link #connections}, those that are not ready yet. */
    int opening() {
        return opening;
    }

    void opens() {
        connections++;
        opening++;
    }

    int waiting() {
        return waiting.size();
    }

    /** The caller bounds it together with {@link #connections}. */
    void await(UpstreamPool.Waiting request) {
        waiting.addLast(request);
    }

    /** Back to where it was. */
    void awaitNext(UpstreamPool.Waiting request) {
        waiting.addFirst(request);
    }

    Optional<UpstreamPool.Waiting> takeWaiting() {
        return Optional.ofNullable(waiting.pollFirst());
    }

    List<UpstreamPool.Waiting> takeAllWaiting() {
        List<UpstreamPool.Waiting> all = List.copyOf(waiting);
        waiting.clear();
        return all;
    }

    void closed(UpstreamConnection connection) {
        idle.remove(connection);
        connections--;
        leftAt = System.nanoTime();
    }

    void openingFailed(boolean atOnce) {
        connections--;
        leftAt = System.nanoTime();
        opening--;
        failures++;
        if (atOnce || failures >= FAILURES_MAX) {
            ejected = true;
            ejectedAt = System.nanoTime();
        }
    }

    /** After a failure: no connection is left to wait for, or none is alive and several in a row have failed. */
    boolean down() {
        return connections == 0 || (connections == opening && failures >= FAILURES_MAX);
    }

    void opened() {
        opening--;
        failures = 0;
        ejected = false;
    }

    boolean ejected() {
        if (ejected && System.nanoTime() - ejectedAt > EJECTION_NANOS) {
            ejected = false;
            failures = 0;
        }
        return ejected;
    }

    /** Nothing is open, and nobody needs to know what was learned. */
    boolean forgotten(long now) {
        return connections == 0 && !ejected() && now - leftAt > MEMORY_NANOS;
    }

    void idle(UpstreamConnection connection) {
        idle.addLast(connection);
    }

    /** The one that has rested longest gives its place up. False: all are in use. */
    boolean closeOneIdle() {
        UpstreamConnection oldest = idle.pollFirst();
        if (oldest != null) {
            oldest.close();
        }
        return oldest != null;
    }

    /** The one used last: the others may grow old and go. Closed ones, those that show another certificate of ours and those whose peer {@code target} does not expect are dropped on the way. */
    @Nullable
    UpstreamConnection take(Connector connector, Target target) {
        for (@Nullable UpstreamConnection connection = idle.pollLast();
                connection != null;
                connection = idle.pollLast()) {
            boolean rested = System.nanoTime() - connection.idleSince() > idleNanos;
            if (connection.open() && !rested && connector.current(connection) && target.expects(connection.peer())) {
                return connection;
            }
            connection.close();
        }
        return null;
    }

    /** Takes out who has waited since before {@code oldest}. */
    List<UpstreamPool.Waiting> takeLate(long oldest) {
        List<UpstreamPool.Waiting> late = new ArrayList<>(0);
        while (!waiting.isEmpty() && waiting.getFirst().since() - oldest < 0) {
            late.add(waiting.removeFirst());
        }
        return late;
    }

    /** Closes idle connections that show another certificate of ours, and those that have rested long enough. */
    void sweep(Connector connector, long now) {
        idle.removeIf(connection -> {
            boolean stale = !connector.current(connection) || now - connection.idleSince() > idleNanos;
            if (stale) {
                connection.close();
            }
            return stale;
        });
    }

    void closeIdle() {
        idle.forEach(UpstreamConnection::close);
        idle.clear();
    }
}
