package dev.sallyport.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long START = Long.MAX_VALUE - 5; // As System.nanoTime may be: it wraps.

    private final Pace pace = new Pace(256);

    private boolean tooSlow(long bytes, long millis) {
        return pace.tooSlow(bytes, START + Duration.ofMillis(millis).toNanos());
    }

    private void restart(long bytes, long millis) {
        pace.restart(bytes, START + Duration.ofMillis(millis).toNanos());
    }

    @Test
    void senderIsGivenTenSeconds() {
        restart(0, 0);
        assertThat(tooSlow(0, 0)).isFalse();
        assertThat(tooSlow(1, 9_999)).isFalse();
        assertThat(tooSlow(2, 10_000)).isTrue();
    }

    @Test
    void senderThatKeepsThePaceIsNotTooSlow() {
        restart(0, 0);
        for (int second = 1; second <= 60; second++) {
            assertThat(tooSlow(256L * second, 1000L * second)).isFalse();
        }
        assertThat(tooSlow(256L * 60 + 2559, 70_000)).isTrue();
    }

    @Test
    void burstAtTheBeginningDoesNotExcuseWhatFollows() {
        restart(0, 0);
        assertThat(tooSlow(1_000_000, 10_000)).isFalse();
        assertThat(tooSlow(1_000_100, 20_000)).isTrue();
    }

    @Test
    void timeInWhichWeDidNotReadDoesNotCount() {
        restart(0, 0);
        assertThat(tooSlow(10, 5_000)).isFalse();
        restart(10, 60_000);
        assertThat(tooSlow(20, 65_000)).isFalse();
        assertThat(tooSlow(30, 70_000)).isTrue();
    }
}
