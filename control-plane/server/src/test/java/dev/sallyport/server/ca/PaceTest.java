package dev.sallyport.server.ca;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A fleet is asked at a bounded rate, and nobody twice in a row. */
class PaceTest {
    private static final Duration AGAIN = Duration.ofSeconds(15);

    private final AtomicLong nanos = new AtomicLong(-5);
    private final Pace pace = new Pace(nanos::get);

    private static Instance instance(int number) {
        return new Instance("spiffe://shop.example/sa/back", "b" + number);
    }

    private int askAll(int size) {
        int asked = 0;
        for (int i = 0; i < size; i++) {
            asked += pace.take(instance(i), size, AGAIN) ? 1 : 0;
        }
        return asked;
    }

    private void move(Duration by) {
        nanos.addAndGet(by.toNanos());
    }

    @ParameterizedTest
    @CsvSource({"5, 5", "21, 20", "1200, 20", "6000, 100", "10000, 167", "50000, 200"})
    void inOneSecondASixtiethOfTheFleetIsAskedWithinBounds(int size, int expected) {
        assertThat(askAll(size)).isEqualTo(expected);
        assertThat(askAll(size)).isZero();
        move(Duration.ofMillis(999));
        assertThat(askAll(size)).isZero();
        move(Duration.ofMillis(1));
        assertThat(askAll(size)).isEqualTo(Math.min(expected, size - expected));
    }

    @Test
    void nobodyIsAskedAgainBeforeItCouldHaveAnswered() {
        assertThat(pace.take(instance(1), 1, AGAIN)).isTrue();
        move(AGAIN.minusMillis(1));
        assertThat(pace.take(instance(1), 1, AGAIN)).isFalse();
        assertThat(pace.take(instance(2), 1, AGAIN)).isTrue();
        move(Duration.ofMillis(1));
        assertThat(pace.take(instance(1), 1, AGAIN)).isTrue();
    }

    @Test
    void whoHasANewStreamIsAskedAtOnce() {
        pace.take(instance(1), 1, AGAIN);
        pace.forget(instance(1));
        assertThat(pace.take(instance(1), 1, AGAIN)).isTrue();
    }
}
