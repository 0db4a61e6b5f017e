package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RenewalScheduleTest {
    private static final long SEED = 20260601;
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final Instant RENEW_AT = NOW.plus(Duration.ofHours(14));
    private static final Instant NOT_AFTER = NOW.plus(Duration.ofHours(24));

    private final Random random = new Random(SEED);

    @Test
    void firstTryIsAtTheDrawnMoment() {
        assertThat(RenewalSchedule.next(NOW, RENEW_AT, NOT_AFTER, 0, random)).isEqualTo(RENEW_AT);
    }

    @Test
    void missedMomentIsNow() {
        Instant late = RENEW_AT.plusSeconds(1);
        assertThat(RenewalSchedule.next(late, RENEW_AT, NOT_AFTER, 0, random)).isEqualTo(late);
    }

    @ParameterizedTest(name = "{0} failures, {1} left: at most {2}")
    @CsvSource({
        "1, PT10H, PT2S",
        "2, PT10H, PT4S",
        "5, PT10H, PT32S",
        "9, PT10H, PT5M",
        "1000000, PT10H, PT5M",
        "9, PT10M, PT30S",
        "9, PT10S, PT1S",
        "1, PT0S, PT2S",
        "9, PT0S, PT5M",
        "9, PT-1H, PT5M",
    })
    void waitGrowsButStaysWithinItsBounds(int failures, Duration left, Duration atMost) {
        for (int i = 0; i < 1000; i++) {
            Instant next = RenewalSchedule.next(NOW, RENEW_AT, NOW.plus(left), failures, random);
            assertThat(Duration.between(NOW, next))
                    .as("seed %d, draw %d", SEED, i)
                    .isBetween(Duration.ofSeconds(1), atMost);
        }
    }

    @Test
    void waitsOfAFleetDiffer() {
        long distinct = random.ints(100)
                .mapToObj(seed -> RenewalSchedule.next(NOW, RENEW_AT, NOT_AFTER, 6, new Random(seed)))
                .distinct()
                .count();
        assertThat(distinct).as("seed %d", SEED).isGreaterThan(90);
    }

    @Test
    void renewalIsDrawnWithinItsWindow() {
        long distinct = random.longs(100)
                .mapToObj(seed -> RenewalSchedule.draw(NOW, NOT_AFTER, new Random(seed)))
                .peek(at -> assertThat(at)
                        .as("seed %d", SEED)
                        .isBetween(NOW.plus(Duration.ofMinutes(648)), NOW.plus(Duration.ofHours(18))))
                .distinct()
                .count();
        assertThat(distinct).as("seed %d", SEED).isGreaterThan(90);
    }

    @ParameterizedTest(name = "asked for {0}, {1} left: {2} to {3}")
    @CsvSource({
        "PT30S, PT10H, PT30S, PT33S",
        "PT0S, PT10H, PT1S, PT1.1S",
        "PT1H, PT10H, PT5M, PT5M",
        "PT8760H, PT10H, PT5M, PT5M",
        "PT30S, PT100S, PT5S, PT5S",
        "PT2M, PT10M, PT30S, PT30S",
        "PT30S, PT5S, PT1S, PT1.1S",
        "PT30S, PT-1S, PT30S, PT33S",
    })
    void waitThatIsAskedForIsKeptAsFarAsTheCertificateLeavesTimeForIt(
            Duration asked, Duration left, Duration from, Duration to) {
        for (int i = 0; i < 1000; i++) {
            Instant next = RenewalSchedule.later(asked, NOW, NOW.plus(left), random);
            assertThat(Duration.between(NOW, next))
                    .as("seed %d, draw %d", SEED, i)
                    .isBetween(from, to);
        }
    }
}
