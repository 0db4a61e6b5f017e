package dev.sallyport.proxy.governor;

import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.telemetry.ConnectionMetrics;
import dev.sallyport.proxy.telemetry.ConnectionMetrics.End;
import dev.sallyport.proxy.tls.Peer;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Gives each connection of one event loop its one deadline: the earliest of its age, drawn with jitter so that connections of one moment do not end in one moment, and the end of its own and its peer's certificate. It
 * is retired before and expired at the deadline, whatever is under way on it: nobody keeps an identity longer than its certificate by staying connected, nor by staying connected one that was taken back. Event loop only.
 */
public final class Governor {
    /** Of what is left to a connection, the last part is for what is under way to end in. */
    private static final double DRAIN_SHARE = 0.25;

    private static final Duration DRAIN_MAX = Duration.ofMinutes(5);
    /** Ages are drawn from [1 - this, 1] of the limit. */
    private static final double JITTER = 0.2;

    private final EventLoop loop;
    private final Duration age;
    private final Clock clock;
    private final RandomGenerator random;
    private final ConnectionMetrics metrics;
    private final Duration drain;
    /** Whoever proved an identity, and stands. */
    private final Map<Governed, Standing> peers = new HashMap<>();
    /** Of these, whose root is gone: what is under way may end. */
    private final Set<Governed> leaving = new HashSet<>();

    private record Standing(Peer peer, Future<?> closed) {}

    /** {@code age}: the oldest that a connection may become; {@code clock} judges certificates, as the handshake did. */
    public Governor(EventLoop loop, Duration age, Clock clock, RandomGenerator random, ConnectionMetrics metrics) {
        this(loop, age, DRAIN_MAX, clock, random, metrics);
    }

    /** {@code drain}: how long what is under way may take to end when the peer's root is retired. */
    Governor(
            EventLoop loop,
            Duration age,
            Duration drain,
            Clock clock,
            RandomGenerator random,
            ConnectionMetrics metrics) {
        this.loop = loop;
        this.age = age;
        this.drain = drain;
        this.clock = clock;
        this.random = random;
        this.metrics = metrics;
    }

    /** From now until {@code closed}. {@code peer}: who is at its other end, trusted now; empty in the clear. */
    public void govern(Governed connection, Future<?> closed, Optional<Peer> peer) {
        Life life = life(peer.map(Peer::validUntil));
        Future<?> retire = loop.schedule(connection::retire, life.untilRetired().toNanos(), TimeUnit.NANOSECONDS);
        Future<?> expire = loop.schedule(
                () -> end(connection, life.why()), life.untilExpired().toNanos(), TimeUnit.NANOSECONDS);
        peer.ifPresent(proven -> peers.put(connection, new Standing(proven, closed)));
        closed.addListener(_ -> {
            retire.cancel(false);
            expire.cancel(false);
            peers.remove(connection);
            leaving.remove(connection);
        });
    }

    /** Ends {@code connection} now, whatever is under way on it. */
    public void end(Governed connection, End why) {
        metrics.ended(why);
        connection.expire(why);
    }

    /**
     * After each change of bundles or revocations: whose peer is trusted no longer ends, and nobody else hears of it. A revoked one at once. One whose root was retired is retired
     * with it: a rotation goes on the moment that the last peer shows its new certificate, and a request that began before that is no less honest for it. Whoever must go at once
     * is revoked.
     */
    public void review(Review review) {
        record Loser(Governed connection, Standing standing, End why) {}
        List<Loser> losers = new ArrayList<>();
        peers.forEach((connection, standing) -> review.end(standing.peer())
                .filter(why -> why == End.REVOKED || !leaving.contains(connection))
                .ifPresent(why -> losers.add(new Loser(connection, standing, why))));
        for (Loser loser : losers) {
            if (loser.why() == End.REVOKED) {
                end(loser.connection(), loser.why());
            } else {
                leave(loser.connection(), loser.standing().closed(), loser.why());
            }
        }
        if (!losers.isEmpty()) {
            Log.warn("connections end, their peers are trusted no longer", "connections", losers.size());
        }
    }

    private void leave(Governed connection, Future<?> closed, End why) {
        leaving.add(connection);
        Future<?> expire = loop.schedule(() -> end(connection, why), drain.toNanos(), TimeUnit.NANOSECONDS);
        closed.addListener(_ -> expire.cancel(false));
        connection.retire();
    }

    /** Both from now, neither negative, the first not after the second. */
    record Life(Duration untilRetired, Duration untilExpired, End why) {}

    Life life(Optional<Instant> certificates) {
        Duration untilExpired = age.multipliedBy(1000 - random.nextInt((int) (1000 * JITTER) + 1))
                .dividedBy(1000);
        End why = End.AGE;
        if (certificates.isPresent()) {
            Duration certified = Duration.between(clock.instant(), certificates.get());
            if (certified.compareTo(untilExpired) < 0) {
                untilExpired = certified.isNegative() ? Duration.ZERO : certified;
                why = End.CERTIFICATE;
            }
        }
        Duration last = Duration.ofMillis((long) (untilExpired.toMillis() * DRAIN_SHARE));
        last = last.compareTo(DRAIN_MAX) > 0 ? DRAIN_MAX : last;
        return new Life(untilExpired.minus(last), untilExpired, why);
    }
}
