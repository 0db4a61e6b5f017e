package dev.sallyport.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoadTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    @Test
    void countsWhatWasSentAndWhatFailed() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Load load = Load.start(() -> switch (calls.incrementAndGet()) {
            case 2 -> throw new IOException("cut");
            case 3 -> Optional.of("503");
            default -> Optional.empty();
        });
        await().atMost(DEADLINE).until(() -> calls.get() > 5);
        load.stop();
        Load.Result result = load.result();
        assertThat(result.sent()).isEqualTo(calls.get());
        assertThat(result.failed()).isEqualTo(2);
        assertThat(result.firstFailure())
                .hasValueSatisfying(why -> assertThat(why).containsAnyOf("cut", "503"));
    }

    @Test
    void slowAnswersLimitWhatIsSent() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        Load load = Load.start(() -> {
            calls.incrementAndGet();
            answer.await();
            return Optional.empty();
        });
        await().atMost(DEADLINE).until(() -> calls.get() == Pace.STEADY.inFlightMax());
        await().during(Duration.ofMillis(100)).atMost(DEADLINE).until(() -> calls.get() == Pace.STEADY.inFlightMax());
        answer.countDown();
        load.stop();
        assertThat(load.result().sent()).isEqualTo(calls.get());
        assertThat(load.result().failed()).isZero();
        assertThat(load.result().held()).isPositive();
    }

    @Test
    void whateverARequestThrowsItHasFailed() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Load load = Load.start(() -> {
            if (calls.incrementAndGet() == 2) {
                throw new IllegalStateException("a mistake of ours");
            }
            return Optional.empty();
        });
        await().atMost(DEADLINE).until(() -> calls.get() > 5);
        load.stop();
        assertThat(load.result().sent()).isEqualTo(calls.get());
        assertThat(load.result().failed()).isEqualTo(1);
        assertThat(load.result().firstFailure())
                .hasValueSatisfying(why -> assertThat(why).contains("a mistake of ours"));
    }

    @Test
    void whatIsNotAnsweredHasFailed() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        Load load = Load.start(
                () -> {
                    if (calls.incrementAndGet() == 1) {
                        answer.await();
                    }
                    return Optional.empty();
                },
                new Pace(200, 8, Duration.ofMillis(100)));
        await().atMost(DEADLINE).until(() -> calls.get() > 5);
        load.stop();
        Load.Result result = load.result();
        assertThat(result.sent()).isEqualTo(calls.get());
        assertThat(result.failed()).isEqualTo(1);
        assertThat(result.slowest()).isGreaterThanOrEqualTo(Duration.ofMillis(100));
        assertThat(result.firstFailure())
                .hasValueSatisfying(why -> assertThat(why).contains("without an answer"));
        answer.countDown();
        // The answer that came too late changes nothing.
        await().during(Duration.ofMillis(100))
                .atMost(DEADLINE)
                .until(() -> load.result().equals(result));
    }
}
