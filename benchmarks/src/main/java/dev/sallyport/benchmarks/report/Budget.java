package dev.sallyport.benchmarks.report;

import dev.sallyport.document.Location;
import java.util.Locale;
import java.util.Optional;

/**
 * One ratio of two configurations' medians in one run, or one median, that must not be lost.
 *
 * @param where it is written
 * @param benchmark whose raw figures hold it: the command, and the name of its file
 * @param to what {@code of} is compared with; empty: the median itself counts
 * @param goal what we want to reach; empty when the budget only guards
 * @param stretch what we would like better still
 * @param bound what a full run must not lose
 * @param quick the same for a quick run, which knows less; empty: not judged by one
 */
record Budget(
        Location where,
        String benchmark,
        String figure,
        String of,
        Optional<String> to,
        Direction direction,
        Optional<Double> goal,
        Optional<Double> stretch,
        double bound,
        Optional<Double> quick) {
    /** Which values hold. */
    enum Direction {
        MOST("≤"),
        LEAST("≥");

        private final String sign;

        Direction(String sign) {
            this.sign = sign;
        }

        boolean holds(double value, double bound) {
            return this == MOST ? value <= bound : value >= bound;
        }

        /** {@code ≤ 0.92}. */
        String text(double bound) {
            return sign + " " + number(bound);
        }
    }

    /** {@code latency: 3000/s CPU, pair, µs, sallyport / nginx}. */
    String name() {
        return benchmark + ": " + figure + ", " + sides();
    }

    /** {@code sallyport / nginx}. */
    String sides() {
        return of + to.map(other -> " / " + other).orElse("");
    }

    /** Up to three significant digits: no more is known. */
    static String number(double value) {
        if (Math.abs(value) >= 100) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        String text = String.format(Locale.ROOT, "%.2f", value);
        return Math.abs(value) >= 10 ? String.format(Locale.ROOT, "%.1f", value) : text;
    }

    /** Without digits that say nothing: {@code 1,000}, {@code 99.9}, {@code 0.5}. */
    static String plain(double value) {
        String text = String.format(Locale.ROOT, "%,.3f", value);
        return text.replaceAll("\\.?0+$", "");
    }
}
