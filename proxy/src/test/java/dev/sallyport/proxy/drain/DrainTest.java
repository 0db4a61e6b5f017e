package dev.sallyport.proxy.drain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DrainTest {
    private final AtomicLong active = new AtomicLong();
    private final AtomicBoolean begun = new AtomicBoolean();

    private Drain drain(Duration deadline, int endAfterLooks) {
        return new Drain(Duration.ZERO, deadline, new Drain.Traffic() {
            private int looks;

            @Override
            public void beginDrain(Duration limit) {
                begun.set(true);
            }

            @Override
            public long active() {
                if (++looks == endAfterLooks) {
                    active.set(0);
                }
                return active.get();
            }
        });
    }

    @Test
    void nothingUnderWayEndsAtOnce() throws Exception {
        Drain drain = drain(Duration.ofHours(1), 0);
        assertThat(drain.draining()).isFalse();
        drain.run();
        assertThat(drain.draining()).isTrue();
        assertThat(begun).isTrue();
    }

    @Test
    void waitsForWhatIsUnderWay() throws Exception {
        active.set(1);
        drain(Duration.ofHours(1), 3).run();
        assertThat(active).hasValue(0);
    }

    @Test
    void deadlineEndsTheWait() throws Exception {
        active.set(1);
        drain(Duration.ofMillis(50), 0).run();
        assertThat(active).hasValue(1);
    }
}
