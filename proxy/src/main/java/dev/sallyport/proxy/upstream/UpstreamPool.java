package dev.sallyport.proxy.upstream;

import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.governor.Governor;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.telemetry.Connections;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** The upstream connections of one event loop, by target and endpoint. Every method runs on that loop. */
public final class UpstreamPool {
    private static final System.Logger LOG = System.getLogger(UpstreamPool.class.getName());
    private static final long SWEEP_MILLIS = 500;
    /**
     * To one endpoint at a time; further requests wait for one of these, or for a connection that another request gives back. After a rotation every request needs a new
     * connection at once, and so does every second attempt: without this bound the handshakes of a busy sidecar would starve each other until all of them time out.
     */
    private static final int HANDSHAKES_MAX = 4;

    private final EventLoop loop;
    private final Connector connector;
    private final Limits limits;
    private final RandomGenerator random;
    private final Connections connections;
    private final Map<String, Map<Address, Endpoint>> targets = new HashMap<>();
    private final Duration idleLife;
    private final Governor governor;

    public UpstreamPool(
            EventLoop loop,
            Connector connector,
            Limits limits,
            Duration idleLife,
            RandomGenerator random,
            Connections connections,
            Governor governor) {
        this.loop = loop;
        this.connector = connector;
        this.limits = limits;
        this.idleLife = idleLife;
        this.random = random;
        this.connections = connections;
        this.governor = governor;
        loop.scheduleWithFixedDelay(this::sweepOnTime, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Of every connection of this loop. */
    public Governor governor() {
        return governor;
    }

    /** Calls back with a connection to one endpoint of {@code target}; {@code fresh} refuses an idle one, for a second attempt. */
    public void acquire(Target target, boolean fresh, UpstreamListener listener) {
        acquire(target, fresh, listener, Optional.empty());
    }

    private void acquire(Target target, boolean fresh, UpstreamListener listener, Optional<Endpoint> failed) {
        if (!listener.wanted()) {
            return;
        }
        Endpoint endpoint = choose(target, failed);
        if (!fresh && reuse(target, listener, endpoint)) {
            return;
        }
        Waiting request = new Waiting(target, fresh, listener, failed, System.nanoTime());
        boolean full = endpoint.connections() + endpoint.waiting() >= limits.connectionsPerEndpoint();
        if (full && !endpoint.closeOneIdle()) { // A second attempt finds some that only rest.
            listener.unavailable(new UpstreamFailure(
                    Reason.OVERLOADED, "connections to " + endpoint.address() + ": " + endpoint.connections(), false));
        } else if (!open(request, endpoint)) {
            endpoint.await(request);
        }
    }

    /** A request without a connection; {@code failed}: the endpoint that it has tried before; {@code since}: {@link System#nanoTime}. */
    record Waiting(Target target, boolean fresh, UpstreamListener listener, Optional<Endpoint> failed, long since) {}

    /** Whether an idle connection has it now. */
    private boolean reuse(Target target, UpstreamListener listener, Endpoint endpoint) {
        UpstreamConnection idle = endpoint.take(connector, target);
        if (idle == null) {
            return false;
        }
        idle.assign(listener);
        listener.connected(idle);
        return true;
    }

    /** Whether there was room for one more handshake. */
    private boolean open(Waiting request, Endpoint endpoint) {
        if (endpoint.opening() >= HANDSHAKES_MAX) {
            return false;
        }
        endpoint.opens();
        connector.connect(loop, this, request.target(), endpoint, new Connector.Outcome() {
            @Override
            public void opened(UpstreamConnection connection) {
                endpoint.opened();
                if (connector.current(connection)) {
                    connection.assign(request.listener());
                    request.listener().connected(connection);
                } else { // Rotated during the handshake.
                    connection.close();
                    acquire(request.target(), true, request.listener(), request.failed());
                }
                serveWaiting(endpoint);
            }

            @Override
            public void failed(UpstreamFailure failure) {
                endpoint.openingFailed(failure.reason() == Reason.UPSTREAM_IDENTITY);
                boolean down = endpoint.down();
                unavailable(request, endpoint, failure);
                if (down) { // Who waited for this endpoint learns now what it would learn one time-out later.
                    endpoint.takeAllWaiting().forEach(waiting -> unavailable(waiting, endpoint, failure));
                } else { // One lost handshake says nothing about the next.
                    serveWaiting(endpoint);
                }
            }
        });
        return true;
    }

    /** Nothing was sent: one more attempt, on another endpoint if there is one; a rotation may close a connection in the middle of its handshake. An impostor is for people to see. */
    private void unavailable(Waiting request, Endpoint endpoint, UpstreamFailure failure) {
        boolean impostor = failure.reason() == Reason.UPSTREAM_IDENTITY;
        if (!impostor && request.failed().isEmpty()) {
            acquire(request.target(), request.fresh(), request.listener(), Optional.of(endpoint));
        } else {
            request.listener().unavailable(failure);
        }
    }

    /** As many as can be: while anyone waits a handshake is under way, so that there is always a next call. */
    private void serveWaiting(Endpoint endpoint) {
        boolean served = true;
        while (served) {
            served = endpoint.takeWaiting()
                    .filter(waiting -> serve(waiting, endpoint))
                    .isPresent();
        }
    }

    /** False: it went back to the head of the queue. */
    private boolean serve(Waiting waiting, Endpoint endpoint) {
        if (!waiting.listener().wanted()) {
            return true;
        }
        boolean reused = !waiting.fresh() && reuse(waiting.target(), waiting.listener(), endpoint);
        if (reused || open(waiting, endpoint)) {
            return true;
        }
        endpoint.awaitNext(waiting);
        return false;
    }

    /** Power of two choices on requests in flight, among endpoints that are not ejected; among all of them when none is left. */
    private Endpoint choose(Target target, Optional<Endpoint> failed) {
        Map<Address, Endpoint> known = targets.computeIfAbsent(target.name(), name -> new HashMap<>());
        List<Address> addresses = target.endpoints();
        if (addresses.size() == 1) { // The application, and most services: nothing to choose for each request.
            Endpoint only = known.get(addresses.getFirst());
            return only != null ? only : known.computeIfAbsent(addresses.getFirst(), this::endpoint);
        }
        List<Endpoint> others = addresses.stream()
                .map(address -> known.computeIfAbsent(address, this::endpoint))
                .filter(endpoint -> failed.isEmpty() || endpoint != failed.get())
                .toList();
        List<Endpoint> healthy =
                others.stream().filter(endpoint -> !endpoint.ejected()).toList();
        List<Endpoint> candidates = healthy.isEmpty() ? others : healthy;
        Endpoint one = candidates.get(random.nextInt(candidates.size()));
        Endpoint two = candidates.get(random.nextInt(candidates.size()));
        return one.inFlight() <= two.inFlight() ? one : two;
    }

    private Endpoint endpoint(Address address) {
        return new Endpoint(address, idleLife);
    }

    void idle(UpstreamConnection connection, Endpoint endpoint) {
        if (connector.current(connection)) {
            endpoint.idle(connection);
            if (endpoint.waiting()
                    > 0) { // In a turn of its own: the request before has not let go of the connection yet.
                loop.execute(() -> serveWaiting(endpoint));
            }
        } else {
            connection.close();
        }
    }

    void closed(UpstreamConnection connection, Endpoint endpoint) {
        endpoint.closed(connection);
    }

    void unlist(Connections.Open listed) {
        connections.closed(listed);
    }

    /** A task that throws once is never run again. */
    private void sweepOnTime() {
        try {
            sweep();
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.log(System.Logger.Level.ERROR, "sweep of idle connections failed", e);
        }
    }

    /** Ends idle connections that are old or show an earlier certificate; forgets endpoints that are no longer used. */
    public void sweep() {
        long now = System.nanoTime();
        List<Waiting> late = new ArrayList<>(0);
        for (Map<Address, Endpoint> endpoints : targets.values()) {
            endpoints.values().forEach(endpoint -> {
                endpoint.sweep(connector, now);
                late.addAll(endpoint.takeLate(now - limits.queue().toNanos()));
            });
            endpoints.values().removeIf(endpoint -> endpoint.forgotten(now));
        }
        targets.values().removeIf(Map::isEmpty);
        late.forEach(waiting -> waiting.listener()
                .unavailable(new UpstreamFailure(
                        Reason.OVERLOADED,
                        "no connection to " + waiting.target().name() + " free within "
                                + limits.queue().toMillis() + " ms",
                        false)));
    }

    public void closeIdle() {
        targets.values().forEach(endpoints -> endpoints.values().forEach(Endpoint::closeIdle));
    }
}
