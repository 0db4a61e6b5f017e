package dev.sallyport.benchmarks.audit;

import org.HdrHistogram.Histogram;

/**
 * What was brought to a disk while it was measured.
 *
 * @param micros from asking for it until the disk had it
 * @param records in the time that was measured
 * @param failed those that the disk was not said to have
 */
public record Forces(Histogram micros, long records, long failed, double seconds) {
    /** Of a second. */
    public double perSecond() {
        return records / seconds;
    }

    static Histogram histogram() {
        return new Histogram(60_000_000, 3);
    }
}
