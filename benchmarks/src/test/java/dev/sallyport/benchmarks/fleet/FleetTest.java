package dev.sallyport.benchmarks.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.identity.RenewalSchedule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FleetTest {
    private static final Duration LIFE = Duration.ofHours(1);
    private static final Fleet FLEET = new Fleet(10_000, Duration.ofMinutes(1), LIFE);
    private final long seed = System.nanoTime();

    private Wave first(Planner planner) {
        System.out.println("seed " + seed);
        return FLEET.renew(planner, 1, new Random(seed)).getFirst();
    }

    @Test
    void everySidecarRenewsOnceAWaveWithinItsWindow() {
        List<Wave> waves = FLEET.renew(Planner.drawn(new Random(seed)), 3, new Random(seed));
        assertThat(waves).extracting(Wave::number).containsExactly(1, 2, 3);
        assertThat(waves)
                .allSatisfy(wave -> assertThat(wave.moments()).hasSize(10_000).isSorted());
        Duration spread = Duration.between(
                waves.getFirst().moments().getFirst(),
                waves.getFirst().moments().getLast());
        Duration window =
                Duration.ofMillis((long) (LIFE.toMillis() * (RenewalSchedule.WINDOW_TO - RenewalSchedule.WINDOW_FROM)));
        assertThat(spread).isBetween(window.minusMinutes(1), window.plusMinutes(1));
    }

    @Test
    void slotsPartAFleetThatStartedTogetherAndADrawDoesNot() {
        assertThat(first(Planner.slots(new Random(seed))).peakOverMean()).isLessThanOrEqualTo(1.5);
        assertThat(first(Planner.drawn(new Random(seed))).peakOverMean()).isGreaterThan(1.35);
    }

    @Test
    void aHerdIsSeenAsOne() {
        Wave wave = first((now, _) -> now.plusSeconds(1800).minusMillis(now.toEpochMilli() % 60_000));
        assertThat(wave.peakOverMean()).isGreaterThan(10);
    }

    @Test
    void peaksCountTheBusiestInterval() {
        Instant noon = Instant.parse("2027-03-01T12:00:00Z");
        Wave wave =
                new Wave(1, Stream.of(0, 10, 70, 71, 72).map(noon::plusSeconds).toList(), Duration.ofHours(24));
        assertThat(wave.width()).isEqualTo(Duration.ofMinutes(1));
        assertThat(wave.peak()).isEqualTo(3 / 60.0);
        assertThat(wave.inOneSecond()).isEqualTo(1);
        assertThat(wave.mean()).isEqualTo(5 / (24 * 3600 * (RenewalSchedule.WINDOW_TO - RenewalSchedule.WINDOW_FROM)));
    }
}
