package dev.sallyport.benchmarks.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.benchmarks.load.LoadResult;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ClosedLoopTest {
    private static final Duration TIME = Duration.ofMillis(200);

    private interface Leaf {
        void get(int turn) throws IOException;
    }

    private static Signing signing(Leaf leaf) {
        return new Signing() {
            @Override
            public void leaf(int turn) throws IOException {
                leaf.get(turn);
            }

            @Override
            public void close() {}
        };
    }

    @Test
    void soManyAreUnderWayAtOnceEachWithATurnOfItsOwn() throws Exception {
        CyclicBarrier together = new CyclicBarrier(4);
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger highest = new AtomicInteger();
        LoadResult result = ClosedLoop.run(
                signing(turn -> {
                    asked.incrementAndGet();
                    highest.accumulateAndGet(turn, Math::max);
                    meet(together);
                }),
                4,
                TIME);
        assertThat(result.errors()).isEmpty();
        assertThat(result.answered()).isEqualTo(asked.get()).isGreaterThanOrEqualTo(4);
        assertThat(highest.get()).isEqualTo(asked.get() - 1);
    }

    /** Whoever comes last, at the end of the time, meets nobody. */
    private static void meet(CyclicBarrier together) {
        try {
            together.await(1, TimeUnit.SECONDS);
        } catch (Exception e) {
            together.reset();
        }
    }

    @Test
    void thoseThatFailedAreCountedByWhyAndAreNoLeaves() throws Exception {
        LoadResult result = ClosedLoop.run(
                signing(turn -> {
                    if (turn % 2 == 1) {
                        throw new IOException("sealed");
                    }
                }),
                2,
                TIME);
        assertThat(result.errors()).containsOnlyKeys("sealed");
        assertThat(Math.abs(result.failed() - result.answered())).isLessThanOrEqualTo(2);
    }
}
