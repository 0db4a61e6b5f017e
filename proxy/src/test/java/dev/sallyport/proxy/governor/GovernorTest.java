package dev.sallyport.proxy.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.proxy.telemetry.ConnectionMetrics;
import dev.sallyport.proxy.telemetry.ConnectionMetrics.End;
import dev.sallyport.proxy.tls.Peer;
import io.netty.channel.DefaultEventLoop;
import io.netty.util.concurrent.Promise;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GovernorTest {
    private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final ConnectionMetrics metrics = new ConnectionMetrics();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final Governed connection = new Governed() {
        @Override
        public void retire() {
            heard.add("retire");
        }

        @Override
        public void expire(End why) {
            heard.add(why.detail());
        }
    };

    @AfterEach
    void stop() {
        loop.shutdownGracefully();
    }

    private Governor governor(Duration age) {
        return new Governor(loop, age, CLOCK, new Random(7), metrics);
    }

    /** Somebody whose certificate, or ours, ends then. */
    private static Optional<Peer> until(Instant end) throws InvalidSpiffeIdException {
        SpiffeId id = SpiffeId.parse("spiffe://shop.example/web");
        return Optional.of(new Peer(
                id,
                id.toString(),
                "01",
                "f0",
                "CN=any",
                "any",
                List.of(),
                "02",
                end,
                new Peer.Tls("TLSv1.3", "any", "")));
    }

    @Test
    void agesAreSpreadSoThatConnectionsOfOneMomentDoNotEndInOneMoment() {
        Governor governor = governor(Duration.ofHours(1));
        List<Duration> ends = java.util.stream.Stream.generate(() -> governor.life(Optional.empty()))
                .limit(200)
                .map(Governor.Life::untilExpired)
                .toList();
        assertThat(ends)
                .allMatch(end ->
                        !end.minus(Duration.ofMinutes(48)).isNegative() && end.compareTo(Duration.ofHours(1)) <= 0);
        assertThat(ends.stream().distinct().count()).isGreaterThan(100);
    }

    @Test
    void certificateThatEndsSoonerIsTheDeadlineExactly() {
        Governor.Life life = governor(Duration.ofHours(1)).life(Optional.of(NOW.plusSeconds(600)));
        assertThat(life)
                .isEqualTo(new Governor.Life(Duration.ofSeconds(450), Duration.ofSeconds(600), End.CERTIFICATE));
        Governor.Life longer = governor(Duration.ofHours(1)).life(Optional.of(NOW.plusSeconds(7200)));
        assertThat(longer.why()).isEqualTo(End.AGE);
    }

    @Test
    void certificateThatHasEndedLeavesNoTime() {
        Governor.Life life = governor(Duration.ofHours(1)).life(Optional.of(NOW.minusSeconds(1)));
        assertThat(life.untilRetired()).isZero();
        assertThat(life.untilExpired()).isZero();
    }

    @Test
    void drainIsNeverLongerThanFiveMinutes() {
        Governor.Life life = governor(Duration.ofDays(7)).life(Optional.of(NOW.plus(Duration.ofDays(1))));
        assertThat(life.untilExpired().minus(life.untilRetired())).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void connectionIsRetiredAndThenExpiredOnItsLoop() throws Exception {
        Promise<Void> closed = loop.newPromise();
        governor(Duration.ofHours(1)).govern(connection, closed, until(NOW.plusMillis(100)));
        await().atMost(Duration.ofSeconds(5)).until(() -> heard.size() == 2);
        assertThat(heard).containsExactly("retire", "certificate ends");
        assertThat(metrics.count(End.CERTIFICATE)).isEqualTo(1);
    }

    @Test
    void connectionThatHasClosedHearsNothingMore() throws Exception {
        Promise<Void> closed = loop.newPromise();
        Optional<Peer> peer = until(NOW.plusMillis(200));
        loop.submit(() -> governor(Duration.ofHours(1)).govern(connection, closed, peer))
                .sync();
        closed.setSuccess(null);
        Promise<Void> other = loop.newPromise();
        Governed later = new Governed() {
            @Override
            public void retire() {}

            @Override
            public void expire(End why) {
                heard.add("later");
            }
        };
        governor(Duration.ofHours(1)).govern(later, other, until(NOW.plusMillis(400)));
        await().atMost(Duration.ofSeconds(5)).until(() -> !heard.isEmpty());
        assertThat(heard).containsExactly("later");
    }
}
