package dev.sallyport.benchmarks.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.benchmarks.load.EventLoop;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TrialTest {
    private static final Duration NO_TIME = Duration.ZERO;
    private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

    private final EventLoop loop = new EventLoop();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    @AfterEach
    void stop() {
        loop.close();
    }

    /** Waits instead of working: the test holds on a machine that is busy. */
    private void longWork() {
        threads.add(Thread.currentThread());
        long until = System.nanoTime() + LONG_NANOS;
        while (System.nanoTime() - until < 0) {
            LockSupport.parkNanos(LONG_NANOS);
        }
    }

    private Trial.Result run(Runnable longWork, double longPerSecond, boolean off) throws InterruptedException {
        Trial trial = new Trial(new Work(1), 1000, longWork, longPerSecond, off);
        return trial.run(loop, new Random(1), NO_TIME, Duration.ofMillis(400), () -> {}, () -> {});
    }

    private static double share(Histogram delays, long from) {
        return (double) delays.getCountBetweenValues(from, TimeUnit.SECONDS.toNanos(90)) / delays.getTotalCount();
    }

    @Test
    void longWorkOnTheLoopDelaysTheShortAndOffTheLoopItDoesNot() throws Exception {
        Trial.Result on = run(this::longWork, 20, false);
        Set<Thread> onLoop = Set.copyOf(threads);
        threads.clear();
        Trial.Result off = run(this::longWork, 20, true);
        assertThat(onLoop).hasSize(1).doesNotContainAnyElementsOf(threads);
        assertThat(share(on.shortWork(), LONG_NANOS / 3)).isGreaterThan(0.1);
        assertThat(share(off.shortWork(), LONG_NANOS / 3)).isLessThan(share(on.shortWork(), LONG_NANOS / 3));
        assertThat(on.longWork().getTotalCount()).isEqualTo(off.longWork().getTotalCount());
        assertThat(off.longWork().getMinValue()).isGreaterThan(LONG_NANOS * 9 / 10);
    }

    @Test
    void withoutLongWorkThereIsNone() throws Exception {
        assertThat(run(this::longWork, 0, false).longWork().getTotalCount()).isZero();
        assertThat(threads).isEmpty();
    }

    @Test
    void workThatFailsFailsTheTrial() {
        for (boolean off : new boolean[] {false, true}) {
            assertThatThrownBy(() -> run(
                            () -> {
                                throw new IllegalStateException("no");
                            },
                            100,
                            off))
                    .hasRootCauseMessage("no");
        }
    }

    @Test
    void workTakesAboutAsLongAsItWasMadeFor() {
        long millis = 20;
        Work work = Work.of(Duration.ofMillis(millis));
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            long from = System.nanoTime();
            work.run();
            least = Math.min(least, System.nanoTime() - from);
        }
        assertThat(least / 1e6).isBetween(millis * 0.5, millis * 4.0);
    }
}
