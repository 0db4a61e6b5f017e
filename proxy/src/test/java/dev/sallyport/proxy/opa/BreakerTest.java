package dev.sallyport.proxy.opa;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private long now = 42;
    private final long seed = System.nanoTime();
    private final Breaker breaker = new Breaker(() -> now, new Random(seed));

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            assertThat(breaker.admits()).as("question %d, seed %d", i, seed).isTrue();
            breaker.failed();
        }
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void opensAfterFiveFailuresInARow() {
        fail(4);
        assertThat(breaker.open()).isFalse();
        fail(1);

        assertThat(breaker.open()).isTrue();
        assertThat(breaker.admits()).isFalse();
    }

    @Test
    void answerInBetweenBeginsANewRow() {
        fail(4);
        assertThat(breaker.admits()).isTrue();
        breaker.answered();
        fail(4);

        assertThat(breaker.open()).isFalse();
    }

    @Test
    void waitIsJitteredBetweenHalfAndWhole() {
        fail(5);
        pass(Duration.ofMillis(99));
        assertThat(breaker.admits()).as("seed %d", seed).isFalse();
        pass(Duration.ofMillis(101));

        assertThat(breaker.admits()).as("seed %d", seed).isTrue();
    }

    @Test
    void oneProbeAtATimeWhoseAnswerCloses() {
        fail(5);
        pass(Duration.ofSeconds(1));
        assertThat(breaker.admits()).isTrue();
        assertThat(breaker.admits()).isFalse();
        breaker.answered();

        assertThat(breaker.open()).isFalse();
        fail(4); // a whole new row
        assertThat(breaker.open()).isFalse();
    }

    @Test
    void probeThatFailsOpensForLonger() {
        fail(5);
        pass(Duration.ofSeconds(1));
        fail(1);
        assertThat(breaker.open()).isTrue();
        pass(Duration.ofMillis(199));
        assertThat(breaker.admits()).as("seed %d", seed).isFalse();
        pass(Duration.ofMillis(201));

        assertThat(breaker.admits()).as("seed %d", seed).isTrue();
    }

    @Test
    void neverOpenForMoreThanTenSeconds() {
        fail(5);
        for (int i = 0; i < 30; i++) {
            pass(Duration.ofSeconds(10));
            fail(1);
        }
        pass(Duration.ofSeconds(10));

        assertThat(breaker.admits()).isTrue();
    }

    @Test
    void failureOfAQuestionAskedBeforeItOpenedSaysNothingNew() {
        for (int i = 0; i < 16; i++) {
            assertThat(breaker.admits()).isTrue();
        }
        for (int i = 0; i < 16; i++) {
            breaker.failed();
        }
        pass(Duration.ofMillis(200));

        assertThat(breaker.admits()).as("seed %d", seed).isTrue();
    }

    @Test
    void lateAnswerClosesToo() {
        assertThat(breaker.admits()).isTrue();
        fail(5);
        breaker.answered();

        assertThat(breaker.admits()).isTrue();
        assertThat(breaker.open()).isFalse();
    }
}
