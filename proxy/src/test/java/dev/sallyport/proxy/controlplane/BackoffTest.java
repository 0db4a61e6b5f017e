package dev.sallyport.proxy.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {
    @Test
    void waitsDoubleUpToTenSecondsAndNeverFallBelowHalf() {
        long seed = System.nanoTime();
        Backoff backoff = new Backoff(new Random(seed));
        long step = 200;
        for (int i = 0; i < 40; i++) {
            assertThat(backoff.next())
                    .as("wait %d, seed %d", i, seed)
                    .isBetween(Duration.ofMillis(step / 2), Duration.ofMillis(step));
            step = Math.min(10_000, step * 2);
        }
    }

    @Test
    void successBeginsAnew() {
        Backoff backoff = new Backoff(new Random(1));
        for (int i = 0; i < 10; i++) {
            backoff.next();
        }
        backoff.reset();
        assertThat(backoff.next()).isLessThanOrEqualTo(Duration.ofMillis(200));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"title\":\"Forbidden\",\"errors\":[{\"detail\":\"inner\"}],\"detail\":\"token used\"} | token used",
                "{\"detail\":7} | HTTP status 403",
                "not json | HTTP status 403",
                "{\"detail\":\"two\\nlines\"} | two lines",
            })
    void problemIsTheDetailForPeople(String body, String expected) {
        assertThat(new Reply(403, Optional.empty(), body.strip().getBytes(StandardCharsets.UTF_8)).problem())
                .isEqualTo(expected);
    }
}
