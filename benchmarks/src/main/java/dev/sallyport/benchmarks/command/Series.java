package dev.sallyport.benchmarks.command;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** One figure over the rounds: quoted as its median, with its least and its greatest value. */
record Series(double median, double least, double greatest) {
    static Series of(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("no values (expected: one a round)");
        }
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Series(median, sorted[0], Arrays.stream(sorted).max().orElseThrow());
    }

    /** {@code 182 (175..190)}; of one round, or rounds that agree, {@code 182}. */
    String text(int digits) {
        String number = "%." + digits + "f";
        if (least == greatest) {
            return String.format(Locale.ROOT, number, median);
        }
        return String.format(Locale.ROOT, number + " (" + number + ".." + number + ")", median, least, greatest);
    }
}
