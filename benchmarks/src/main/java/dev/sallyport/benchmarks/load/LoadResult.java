package dev.sallyport.benchmarks.load;

import java.util.SortedMap;
import org.HdrHistogram.Histogram;

/**
 * What came of a plan, warm-up left out.
 *
 * @param latencies of right answers, in nanoseconds, from the moment at which the request was to be sent
 * @param errors how many by kind: a status, {@code length}, {@code closed}, {@code unanswered}; also those of the warm-up
 * @param perSecond right answers a second
 */
public record LoadResult(Histogram latencies, SortedMap<String, Long> errors, double perSecond) {
    /** Right answers. */
    public long answered() {
        return latencies.getTotalCount();
    }

    public long failed() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }
}
