package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RingTest {
    @Test
    void itemsComeOutInOrderAroundTheRing() {
        Ring<Integer> ring = new Ring<>(4);
        for (int i = 0; i < 100; i++) {
            assertThat(ring.offer(i)).isTrue();
            assertThat(ring.offer(-i)).isTrue();
            assertThat(ring.poll()).isEqualTo(i);
            assertThat(ring.poll()).isEqualTo(-i);
            assertThat(ring.poll()).isNull();
            assertThat(ring.isEmpty()).isTrue();
        }
    }

    @Test
    void fullRingRefusesUntilThereIsRoom() {
        Ring<Integer> ring = new Ring<>(2);
        assertThat(ring.offer(1)).isTrue();
        assertThat(ring.offer(2)).isTrue();
        assertThat(ring.offer(3)).isFalse();
        assertThat(ring.poll()).isEqualTo(1);
        assertThat(ring.offer(3)).isTrue();
    }

    @Test
    void closedRingRefusesAndKeepsWhatItTook() {
        Ring<Integer> ring = new Ring<>(4);
        ring.offer(1);
        ring.close();
        assertThat(ring.offer(2)).isFalse();
        assertThat(ring.isDrained()).isFalse();
        assertThat(ring.poll()).isEqualTo(1);
        assertThat(ring.isDrained()).isTrue();
        assertThat(ring.isClosed()).isTrue();
    }

    @Test
    void capacityIsAPowerOfTwo() {
        assertThatThrownBy(() -> new Ring<>(3)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void underContentionEverythingAcceptedComesOutOnceAndInItsProducersOrder() throws Exception {
        int producers = 4;
        int each = 20_000;
        Ring<int[]> ring = new Ring<>(64);
        AtomicInteger accepted = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int producer = 0; producer < producers; producer++) {
            int name = producer;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < each; i++) {
                    while (!ring.offer(new int[] {name, i})) {
                        if (ring.isClosed()) {
                            return;
                        }
                        Thread.onSpinWait();
                    }
                    accepted.incrementAndGet();
                }
            }));
        }
        int[] next = new int[producers];
        int polled = 0;
        // Closed in the middle of the rush: who got in is still served, who did not is told.
        while (polled < producers * each / 2) {
            polled += take(ring, next);
        }
        ring.close();
        while (!ring.isDrained()) {
            polled += take(ring, next);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(polled).isEqualTo(accepted.get());
        assertThat(ring.poll()).isNull();
    }

    private static int take(Ring<int[]> ring, int[] next) {
        int[] item = ring.poll();
        if (item == null) {
            return 0;
        }
        assertThat(item[1]).isEqualTo(next[item[0]]);
        next[item[0]]++;
        return 1;
    }
}
