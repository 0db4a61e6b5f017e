package dev.sallyport.server.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefreshPlanTest {
    private static final Instant START = Instant.parse("2026-08-01T12:00:00Z");
    private final RefreshPlan plan = new RefreshPlan(Duration.ofHours(24), START, new Random(1));

    private static Instant at(long seconds) {
        return START.plusSeconds(seconds);
    }

    private void fetch(long seconds) {
        plan.started(at(seconds));
        plan.succeeded(at(seconds));
    }

    @ParameterizedTest
    @CsvSource({"P30D, PT5M", "PT24H, PT5M", "PT20M, PT5M", "PT16M, PT4M", "PT10S, PT2.5S"})
    void intervalLeavesThreeMoreAttemptsBeforeTheKeysEnd(Duration maxStale, Duration interval) {
        RefreshPlan its = new RefreshPlan(maxStale, START, new Random(1));
        assertThat(its.due(START)).isTrue();
        its.started(START);
        its.succeeded(START);
        assertThat(its.due(START.plus(interval).minusMillis(1))).isFalse();
        assertThat(its.due(START.plus(interval))).isTrue();
    }

    @Test
    void waitsAfterFailuresGrowWithJitterUpToTheInterval() {
        long seed = System.nanoTime();
        RefreshPlan its = new RefreshPlan(Duration.ofHours(24), START, new Random(seed));
        for (int i = 0; i < 100; i++) {
            its.started(START);
            its.failed(START);
            long step = Math.min(300_000, 500L << Math.min(i, 16));
            assertThat(Duration.between(START, its.next()).toMillis())
                    .as("failure %d, seed %d", i + 1, seed)
                    .isBetween(step / 2, step);
        }
        its.succeeded(START);
        its.failed(START);
        assertThat(Duration.between(START, its.next()).toMillis()).isLessThanOrEqualTo(500);
    }

    @Test
    void wantedFetchIsDueAtOnceAndTheNextHalfAMinuteLater() {
        fetch(0);
        plan.wanted(at(1));
        assertThat(plan.due(at(1))).isTrue();
        fetch(1);
        assertThat(plan.due(at(1))).isFalse();
        plan.wanted(at(2));
        plan.wanted(at(3));
        assertThat(plan.due(at(30))).isFalse();
        assertThat(plan.due(at(31))).isTrue();
        fetch(31);
        assertThat(plan.due(at(100))).as("three reports, one fetch").isFalse();
    }

    @Test
    void regularFetchAnswersWhatWasWantedBeforeIt() {
        fetch(0);
        plan.wanted(at(299));
        fetch(299);
        plan.wanted(at(310));
        fetch(599); // the regular one comes after, not before, the wanted one at 329: this is late
        assertThat(plan.due(at(600))).isFalse();
    }

    @Test
    void clockThatWasSetBackNeitherStopsTheRefreshNorTheWanted() {
        fetch(0);
        Instant earlier = START.minus(Duration.ofDays(2));
        assertThat(plan.due(earlier)).isTrue();
        plan.started(earlier);
        plan.succeeded(earlier);
        assertThat(plan.due(earlier.plusSeconds(1))).isFalse();

        plan.wanted(earlier.plusSeconds(1));
        assertThat(plan.due(earlier.plusSeconds(1))).isTrue();
        plan.started(earlier.plusSeconds(1));
        plan.succeeded(earlier.plusSeconds(1));
        Instant muchEarlier = earlier.minus(Duration.ofDays(2));
        plan.wanted(muchEarlier);
        assertThat(plan.due(muchEarlier)).isTrue();
    }

    @Test
    void otherDeclarationIsAskedAtOnce() {
        fetch(0);
        plan.redeclared(Duration.ofSeconds(10), at(1));
        assertThat(plan.due(at(1))).isTrue();
        fetch(1);
        assertThat(plan.interval()).isEqualTo(Duration.ofMillis(2500));
    }
}
