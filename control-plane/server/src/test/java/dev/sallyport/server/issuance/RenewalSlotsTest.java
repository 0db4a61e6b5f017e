package dev.sallyport.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.identity.RenewalSchedule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** A fleet that starts together comes back spread out. */
class RenewalSlotsTest {
    private static final Instant START = Instant.parse("2027-03-01T12:00:00.250Z");
    private static final Duration LIFE = Duration.ofHours(24);
    private static final int FLEET = 10_000;
    private static final double PEAK_MAX = 1.5;
    private static final long SEED = 20_270_301;

    private final RenewalSlots slots = new RenewalSlots(new Random(SEED));

    /** The busiest interval of {@code width} against the mean over the window that all were planned into. */
    private static double peakOverMean(List<Instant> planned, Instant from, Instant to, Duration width) {
        int bins = Math.toIntExact(Duration.between(from, to).dividedBy(width));
        int[] counts = new int[bins + 1];
        planned.forEach(moment -> counts[(int) Duration.between(from, moment).dividedBy(width)]++);
        double mean = (double) planned.size() / Duration.between(from, to).toMillis() * width.toMillis();
        return java.util.Arrays.stream(counts).max().orElseThrow() / mean;
    }

    private static List<Instant> together(BiFunction<Instant, Instant, Instant> plan, Duration startsWithin) {
        List<Instant> planned = new ArrayList<>();
        for (int i = 0; i < FLEET; i++) {
            Instant now = START.plusMillis(startsWithin.toMillis() * i / FLEET);
            planned.add(plan.apply(now, now.plus(LIFE)));
        }
        return planned;
    }

    private static Instant at(Instant start, double share) {
        return start.plusMillis((long) (LIFE.toMillis() * share));
    }

    private static double peak(List<Instant> planned, Duration startsWithin, Duration width) {
        return peakOverMean(
                planned,
                at(START, RenewalSchedule.WINDOW_FROM),
                at(START.plus(startsWithin), RenewalSchedule.WINDOW_TO),
                width);
    }

    @Test
    void tenThousandThatStartTogetherPeakAtMostHalfAboveTheMean() {
        List<Instant> planned = together(slots::plan, Duration.ZERO);
        for (Duration width : List.of(Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofMinutes(30))) {
            assertThat(peak(planned, Duration.ZERO, width))
                    .as("per %s, seed %s", width, SEED)
                    .isLessThan(PEAK_MAX);
        }
    }

    @Test
    void soDoTenThousandThatStartWithinAnHour() {
        Duration within = Duration.ofMinutes(60);
        List<Instant> planned = together(slots::plan, within);
        // The mean is over the narrower window, that of one certificate: the first and last hour are shared by few.
        Duration window =
                Duration.ofMillis((long) (LIFE.toMillis() * (RenewalSchedule.WINDOW_TO - RenewalSchedule.WINDOW_FROM)));
        double peak = peak(planned, within, Duration.ofMinutes(5))
                * window.toMillis()
                / window.plus(within).toMillis();
        assertThat(peak).as("seed %s", SEED).isLessThan(PEAK_MAX);
    }

    @Test
    void aPlainDrawDoesNotHoldThat() {
        Random random = new Random(SEED);
        List<Instant> planned = together((now, notAfter) -> RenewalSchedule.draw(now, notAfter, random), Duration.ZERO);
        assertThat(peak(planned, Duration.ZERO, Duration.ofMinutes(1))).isGreaterThan(PEAK_MAX);
    }

    @Test
    void everyPlanLiesInTheWindowWhateverTheLife() {
        Random random = new Random(SEED);
        for (int i = 0; i < 20_000; i++) {
            Duration life =
                    Duration.ofMillis(random.nextLong(1, Duration.ofDays(8).toMillis()));
            Instant now = START.plusMillis(random.nextLong(Duration.ofDays(2).toMillis()));
            Instant planned = slots.plan(now, now.plus(life));
            assertThat(planned)
                    .as("life %s at %s, seed %s", life, now, SEED)
                    .isAfterOrEqualTo(now.plusMillis((long) (life.toMillis() * RenewalSchedule.WINDOW_FROM)))
                    .isBeforeOrEqualTo(now.plusMillis((long) (life.toMillis() * RenewalSchedule.WINDOW_TO) + 1));
        }
    }

    @Test
    void endedCertificateIsPlannedAtOnceAndNotInThePast() {
        assertThat(slots.plan(START, START.minusSeconds(5))).isEqualTo(START);
    }

    @Test
    void aHeapOfEarlierPlansIsAvoidedAlsoAfterARestartAndTheRestStaysEven() {
        Instant heap = at(START, 0.6024);
        slots.restore(START, java.util.Collections.nCopies(FLEET, heap));
        List<Instant> planned = together(slots::plan, Duration.ZERO);
        assertThat(planned)
                .as("seed %s", SEED)
                .noneMatch(moment -> Duration.between(heap, moment).abs().compareTo(Duration.ofMinutes(2)) < 0);
        assertThat(peak(planned, Duration.ZERO, Duration.ofMinutes(1)))
                .as("seed %s", SEED)
                .isLessThan(PEAK_MAX);
    }

    @Test
    void whatIsReleasedIsFreeAgain() {
        Instant noon = at(START, 0.6);
        slots.restore(START, java.util.Collections.nCopies(FLEET, noon));
        for (int i = 0; i < FLEET + 3; i++) { // More often than it was taken: no slot falls below nothing.
            slots.release(START, noon);
        }
        List<Instant> planned = together(slots::plan, Duration.ZERO);
        assertThat(peak(planned, Duration.ZERO, Duration.ofMinutes(5))).isLessThan(PEAK_MAX);
    }

    @Test
    void loadsEndWithTheirTimeAndTheRingGoesOnForYears() {
        Instant now = START;
        for (int turn = 0; turn < 6; turn++) {
            Instant start = now;
            List<Instant> planned = new ArrayList<>();
            for (int i = 0; i < FLEET; i++) {
                planned.add(slots.plan(start, start.plus(LIFE)));
            }
            assertThat(peakOverMean(
                            planned,
                            at(start, RenewalSchedule.WINDOW_FROM),
                            at(start, RenewalSchedule.WINDOW_TO),
                            Duration.ofMinutes(1)))
                    .as("turn %s, seed %s", turn, SEED)
                    .isLessThan(PEAK_MAX);
            now = now.plus(Duration.ofDays(turn == 3 ? 400 : 2));
        }
    }

    @Test
    void clockThatIsSetBackStillPlansInTheWindow() {
        slots.plan(START, START.plus(LIFE));
        Instant before = START.minus(Duration.ofHours(1));
        assertThat(slots.plan(before, before.plus(LIFE)))
                .isBetween(at(before, RenewalSchedule.WINDOW_FROM), at(before, RenewalSchedule.WINDOW_TO));
        Instant longBefore = START.minus(Duration.ofDays(30));
        assertThat(slots.plan(longBefore, longBefore.plus(LIFE)))
                .isBetween(at(longBefore, RenewalSchedule.WINDOW_FROM), at(longBefore, RenewalSchedule.WINDOW_TO));
    }

    @Test
    void threadsThatPlanTogetherLoseNothing() throws Exception {
        ConcurrentLinkedQueue<Instant> planned = new ConcurrentLinkedQueue<>();
        CountDownLatch done = new CountDownLatch(4);
        for (int thread = 0; thread < 4; thread++) {
            Thread.ofVirtual().start(() -> {
                for (int i = 0; i < FLEET / 4; i++) {
                    planned.add(slots.plan(START, START.plus(LIFE)));
                }
                done.countDown();
            });
        }
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(planned).hasSize(FLEET);
        assertThat(peak(List.copyOf(planned), Duration.ZERO, Duration.ofMinutes(1)))
                .isLessThan(PEAK_MAX);
    }
}
