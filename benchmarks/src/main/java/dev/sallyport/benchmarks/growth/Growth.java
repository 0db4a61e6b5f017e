package dev.sallyport.benchmarks.growth;

import java.util.Comparator;
import java.util.List;

/**
 * How a curve of costs that are not negative grows. {@link #WORSE} is said only of what no error of measurement explains: a curve whose rise is small against its level is never that.
 */
public enum Growth {
    /** Nowhere more than a tenth above its least size. */
    FLAT("flat"),
    /** In proportion to the size, or slower. */
    LINEAR("linear"),
    /** A later part is steeper than the way there. */
    WORSE("WORSE");

    private static final double FLAT_UP_TO = 1.10;
    /** By as much each median may be off, to either side; where the rounds differ by more, by that. */
    private static final double ERROR = 0.05;
    /** Caches that become too small and buckets that fill make a linear cost a little steeper at each step. */
    private static final double STEEPER_UP_TO = 1.25;

    private final String text;

    Growth(String text) {
        this.text = text;
    }

    /** {@code points}: two or more, of different sizes. */
    public static Growth of(List<Point> points) {
        if (points.size() < 2) {
            throw new IllegalArgumentException("curve: " + points.size() + " points (expected: two or more)");
        }
        List<Point> sorted =
                points.stream().sorted(Comparator.comparingDouble(Point::x)).toList();
        Point first = sorted.getFirst();
        for (int middle = 1; middle < sorted.size(); middle++) {
            for (int later = middle + 1; later < sorted.size(); later++) {
                if (steeper(first, sorted.get(middle), sorted.get(later))) {
                    return WORSE;
                }
            }
        }
        double greatest = sorted.stream().mapToDouble(Point::median).max().orElseThrow();
        return greatest <= FLAT_UP_TO * first.median() ? FLAT : LINEAR;
    }

    /** Whether the rise from the first point to the last one is more than that to the middle one in proportion, with every error in favour of the curve. */
    private static boolean steeper(Point first, Point middle, Point last) {
        double most = most(middle) - least(first);
        double least = least(last) - most(first);
        double proportion = (last.x() - first.x()) / (middle.x() - first.x());
        return least > STEEPER_UP_TO * proportion * Math.max(0, most);
    }

    private static double most(Point point) {
        return Math.max(point.greatest(), point.median() * (1 + ERROR));
    }

    private static double least(Point point) {
        return Math.min(point.least(), point.median() * (1 - ERROR));
    }

    /** {@code 1.03}: the cost at the greatest size, by that at the least one. */
    public static double ratio(List<Point> points) {
        Comparator<Point> bySize = Comparator.comparingDouble(Point::x);
        return points.stream().max(bySize).orElseThrow().median()
                / points.stream().min(bySize).orElseThrow().median();
    }

    @Override
    public String toString() {
        return text;
    }
}
