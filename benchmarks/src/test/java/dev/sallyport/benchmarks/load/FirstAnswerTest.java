package dev.sallyport.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FirstAnswerTest {
    private static final byte[] REQUEST =
            "GET /bytes/10 HTTP/1.1\r\nhost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    @Test
    void refusedConnectionsAreTriedAgainUntilOneIsAnswered() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        try (Backend backend = new Backend()) {
            long before = System.nanoTime();
            long at = FirstAnswer.await(
                    () -> {
                        if (tries.incrementAndGet() < 4) {
                            throw new IOException("refused");
                        }
                        return new Socket(
                                backend.address().getAddress(),
                                backend.address().getPort());
                    },
                    REQUEST,
                    () -> true,
                    Duration.ofSeconds(10));
            assertThat(at).isGreaterThan(before);
            assertThat(tries).hasValue(4);
        }
    }

    @Test
    void whoNeverAnswersFailsWithTheLastThingThatHappened() {
        assertThatThrownBy(() -> FirstAnswer.await(
                        () -> {
                            throw new IOException("refused");
                        },
                        REQUEST,
                        () -> true,
                        Duration.ofSeconds(1)))
                .hasMessage("no 200 within 1 s (last: refused)");
    }
}
