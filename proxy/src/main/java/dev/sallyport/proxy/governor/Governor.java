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
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    /** Whoever proved an identity, and stands. */
    private final Map<Governed, Peer> peers = new HashMap<>();

    /** {@code age}: the oldest that a connection may become; {@code clock} judges certificates, as the handshake did. */
    public Governor(EventLoop loop, Duration age, Clock clock, RandomGenerator random, ConnectionMetrics metrics) {
        this.loop = loop;
        this.age = age;
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
        peer.ifPresent(proven -> peers.put(connection, proven));
        closed.addListener(_ -> {
            retire.cancel(false);
            expire.cancel(false);
            peers.remove(connection);
        });
    }

    /** Ends {@code connection} now, whatever is under way on it. */
    public void end(Governed connection, End why) {
        metrics.ended(why);
        connection.expire(why);
    }

    /** After each change of bundles or revocations: whose peer is trusted no longer ends, and nobody else hears of it. */
    public void review(Review review) {
        record Loser(Governed connection, End why) {}
        List<Loser> losers = new ArrayList<>();
        peers.forEach((connection, peer) -> review.end(peer).ifPresent(why -> losers.add(new Loser(connection, why))));
        if (!losers.isEmpty()) {
            losers.forEach(loser -> end(loser.connection(), loser.why()));
            Log.warn("connections ended, their peers are trusted no longer", "connections", losers.size());
        }
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
        Duration drain = Duration.ofMillis((long) (untilExpired.toMillis() * DRAIN_SHARE));
        drain = drain.compareTo(DRAIN_MAX) > 0 ? DRAIN_MAX : drain;
        return new Life(untilExpired.minus(drain), untilExpired, why);
    }
}
