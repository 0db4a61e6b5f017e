package dev.sallyport.proxy.governor;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Gives each connection of one event loop its one deadline: the earliest of its age, drawn with jitter so that connections of one moment do not end in one moment, and the end of its own and its peer's certificate. It
 * is retired before and expired at the deadline, whatever is under way on it: nobody keeps an identity longer than its certificate by staying connected. Event loop only.
 */
public final class Governor {
    /** Of what is left to a connection, the last part is for what is under way to end in. */
    private static final double DRAIN_SHARE = 0.25;

    private static final Duration DRAIN_MAX = Duration.ofMinutes(5);
    /** Ages are drawn from [1 - this, 1] of the limit. */
    private static final double JITTER = 0.2;

    private static final String CERTIFICATE = "certificate ends";
    private static final String AGE = "connection is as old as it may be";

    private final EventLoop loop;
    private final Duration age;
    private final Clock clock;
    private final RandomGenerator random;

    /** {@code age}: the oldest that a connection may become; {@code clock} judges certificates, as the handshake did. */
    public Governor(EventLoop loop, Duration age, Clock clock, RandomGenerator random) {
        this.loop = loop;
        this.age = age;
        this.clock = clock;
        this.random = random;
    }

    /** From now until {@code closed}. {@code certificates}: the earlier end of both sides'; empty in the clear. */
    public void govern(Governed connection, Future<?> closed, Optional<Instant> certificates) {
        Life life = life(certificates);
        Future<?> retire = loop.schedule(connection::retire, life.untilRetired().toNanos(), TimeUnit.NANOSECONDS);
        Future<?> expire = loop.schedule(
                () -> connection.expire(life.why()), life.untilExpired().toNanos(), TimeUnit.NANOSECONDS);
        closed.addListener(_ -> {
            retire.cancel(false);
            expire.cancel(false);
        });
    }

    /** Both from now, neither negative, the first not after the second. */
    record Life(Duration untilRetired, Duration untilExpired, String why) {}

    Life life(Optional<Instant> certificates) {
        Duration untilExpired = age.multipliedBy(1000 - random.nextInt((int) (1000 * JITTER) + 1))
                .dividedBy(1000);
        String why = AGE;
        if (certificates.isPresent()) {
            Duration certified = Duration.between(clock.instant(), certificates.get());
            if (certified.compareTo(untilExpired) < 0) {
                untilExpired = certified.isNegative() ? Duration.ZERO : certified;
                why = CERTIFICATE;
            }
        }
        Duration drain = Duration.ofMillis((long) (untilExpired.toMillis() * DRAIN_SHARE));
        drain = drain.compareTo(DRAIN_MAX) > 0 ? DRAIN_MAX : drain;
        return new Life(untilExpired.minus(drain), untilExpired, why);
    }
}
