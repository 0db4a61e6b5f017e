package dev.sallyport.benchmarks.loop;

import java.time.Duration;
import org.openjdk.jmh.infra.Blackhole;

/** CPU time to be spent, as work and not as a look at a clock: who is interrupted has as much left to do as before. */
public record Work(long tokens) {
    private static final long SAMPLE = 20_000;
    private static final int SAMPLES = 2000;

    /** So much as takes {@code duration} here and now when nobody interrupts; takes part of a second to find out. */
    public static Work of(Duration duration) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < SAMPLES; i++) {
            long from = System.nanoTime();
            Blackhole.consumeCPU(SAMPLE);
            least = Math.min(least, System.nanoTime() - from);
        }
        return new Work(Math.round((double) SAMPLE * duration.toNanos() / least));
    }

    void run() {
        Blackhole.consumeCPU(tokens);
    }
}
