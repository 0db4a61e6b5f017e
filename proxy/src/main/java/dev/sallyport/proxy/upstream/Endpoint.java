package dev.sallyport.proxy.upstream;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One address of a target as one event loop sees it: idle connections, load, failures. */
final class Endpoint {
    private static final int FAILURES_MAX = 3;
    private static final long EJECTION_NANOS = Duration.ofSeconds(5).toNanos();

    private final Address address;
    private final ArrayDeque<UpstreamConnection> idle = new ArrayDeque<>();
    private final ArrayDeque<UpstreamPool.Waiting> waiting = new ArrayDeque<>();
    private int connections;
    private int opening;
    private int failures;
    private long ejectedAt;
    private boolean ejected;

    Endpoint(Address address) {
        this.address = address;
    }

    Address address() {
        return address;
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
    }

    void openingFailed(boolean atOnce) {
        connections--;
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

    void idle(UpstreamConnection connection) {
        idle.addLast(connection);
    }

    /** The one used last: the others may grow old and go. Closed ones, those of another generation and those whose peer {@code target} does not expect are dropped on the way. */
    Optional<UpstreamConnection> take(long generation, Target target) {
        for (@Nullable UpstreamConnection connection = idle.pollLast();
                connection != null;
                connection = idle.pollLast()) {
            if (connection.open() && connection.generation() == generation && target.expects(connection.peer())) {
                return Optional.of(connection);
            }
            connection.close();
        }
        return Optional.empty();
    }

    /** Closes idle connections of another generation, and those unused since before {@code oldest}. */
    void sweep(long generation, long oldest) {
        idle.removeIf(connection -> {
            boolean stale = connection.generation() != generation || connection.idleSince() - oldest < 0;
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
