package dev.sallyport.server.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.AuthorityUnavailableException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SigningPauseTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // it may wrap
    private final SigningPause pause = new SigningPause(nanos::get);

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void nothingIsSignedUntilItEndsByItself() throws Exception {
        pause.check();
        assertThat(pause.begin(Duration.ofMinutes(1), "ada")).isTrue();
        pass(Duration.ofSeconds(59));
        assertThat(pause.left()).contains(Duration.ofSeconds(1));
        assertThatThrownBy(pause::check)
                .isInstanceOfSatisfying(
                        AuthorityUnavailableException.class,
                        e -> assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(5)))
                .hasMessageContaining("drill of ada")
                .hasMessageContaining("1 s");
        pass(Duration.ofSeconds(1));
        pause.check();
        assertThat(pause.left()).isEmpty();
    }

    @Test
    void anotherDrillDoesNotProlongTheOneUnderWay() throws Exception {
        assertThat(pause.begin(Duration.ofSeconds(2), "ada")).isTrue();
        assertThat(pause.begin(Duration.ofMinutes(10), "bob")).isFalse();
        pass(Duration.ofSeconds(2));
        pause.check();
        assertThat(pause.begin(Duration.ofSeconds(2), "bob")).isTrue();
    }

    @Test
    void itCanBeEndedBefore() throws Exception {
        pause.begin(Duration.ofMinutes(1), "ada");
        pause.end();
        pause.check();
        pause.end();
    }
}
