package dev.sallyport.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.time.Duration;
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
            case 3 -> new Client.Answer(503, MissingNode.getInstance());
            default -> new Client.Answer(200, MissingNode.getInstance());
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
            return new Client.Answer(200, MissingNode.getInstance());
        });
        await().atMost(DEADLINE).until(() -> calls.get() == Load.IN_FLIGHT_MAX);
        await().during(Duration.ofMillis(100)).atMost(DEADLINE).until(() -> calls.get() == Load.IN_FLIGHT_MAX);
        answer.countDown();
        load.stop();
        assertThat(load.result().sent()).isEqualTo(calls.get());
        assertThat(load.result().failed()).isZero();
    }

    @Test
    void whateverARequestThrowsItHasFailed() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Load load = Load.start(() -> {
            if (calls.incrementAndGet() == 2) {
                throw new IllegalStateException("a mistake of ours");
            }
            return new Client.Answer(200, MissingNode.getInstance());
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
                    return new Client.Answer(200, MissingNode.getInstance());
                },
                Duration.ofMillis(100));
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
