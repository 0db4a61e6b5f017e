package dev.sallyport.cli.load;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;

/** How long answers took, in buckets whose width is a thirty-second of their value: a percentile is at most 3 % too high. Of fixed size; one thread at a time. */
final class Latencies {
    private static final int SUB_BITS = 5;
    private static final int SUB = 1 << SUB_BITS;

    private final long[] counts = new long[(Long.SIZE - SUB_BITS + 1) * SUB];
    private long total;
    private long slowest;

    void add(long nanos) {
        long micros = Math.max(0, TimeUnit.NANOSECONDS.toMicros(nanos));
        counts[index(micros)]++;
        total++;
        slowest = Math.max(slowest, micros);
    }

    Duration slowest() {
        return Duration.of(slowest, ChronoUnit.MICROS);
    }

    /** The least duration that {@code percent} of all did not exceed; zero when there are none. */
    Duration percentile(double percent) {
        long rank = (long) Math.ceil(total * percent / 100);
        long seen = 0;
        for (int index = 0; index < counts.length && total > 0; index++) {
            seen += counts[index];
            if (seen >= rank && seen > 0) {
                return Duration.of(Math.min(highest(index), slowest), ChronoUnit.MICROS);
            }
        }
        return Duration.ZERO;
    }

    /** Below 32 each value has its bucket; above, each power of two has 32. */
    private static int index(long micros) {
        int shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(micros) - SUB_BITS - 1);
        return shift * SUB + (int) (micros >>> shift);
    }

    private static long highest(int index) {
        int shift = Math.max(0, index / SUB - 1);
        long sub = index - (long) shift * SUB;
        return ((sub + 1) << shift) - 1;
    }
}
