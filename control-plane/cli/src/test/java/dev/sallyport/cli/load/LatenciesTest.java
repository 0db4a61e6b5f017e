package dev.sallyport.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    @Test
    void noneIsZero() {
        assertThat(new Latencies().percentile(99)).isZero();
        assertThat(new Latencies().slowest()).isZero();
    }

    @Test
    void smallOnesAreExact() {
        Latencies latencies = new Latencies();
        LongStream.rangeClosed(1, 20).forEach(micros -> latencies.add(TimeUnit.MICROSECONDS.toNanos(micros)));
        assertThat(latencies.percentile(50)).isEqualTo(Duration.ofNanos(10_000));
        assertThat(latencies.percentile(100)).isEqualTo(Duration.ofNanos(20_000));
    }

    @Test
    void percentilesAreNeverTooLowAndAtMostThreePercentTooHigh() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        long[] micros = random.doubles(5000, 0, 17)
                .mapToLong(power -> (long) Math.pow(10, power / 2))
                .toArray();
        Latencies latencies = new Latencies();
        Arrays.stream(micros).forEach(value -> latencies.add(TimeUnit.MICROSECONDS.toNanos(value)));
        Arrays.sort(micros);
        for (double percent : new double[] {1, 50, 90, 99, 99.9, 100}) {
            long exact = micros[(int) Math.ceil(micros.length * percent / 100) - 1];
            long found =
                    TimeUnit.NANOSECONDS.toMicros(latencies.percentile(percent).toNanos());
            assertThat(found).as("p%s", percent).isBetween(exact, exact + exact / 32);
        }
        assertThat(latencies.slowest().toNanos() / 1000).isEqualTo(micros[micros.length - 1]);
    }
}
