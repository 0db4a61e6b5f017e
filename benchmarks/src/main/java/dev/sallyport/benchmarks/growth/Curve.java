package dev.sallyport.benchmarks.growth;

/**
 * What grows with what.
 *
 * @param name {@code rules: CPU}
 * @param x what is varied, as it stands below a plot
 * @param y the cost, with its unit
 * @param expected the most that it may grow
 * @param logX whether sizes are best seen on a logarithmic scale; {@code logY} likewise
 */
public record Curve(String name, String x, String y, Growth expected, boolean logX, boolean logY) {
    static Curve of(String name, String x, String y, Growth expected) {
        return new Curve(name, x, y, expected, true, expected == Growth.LINEAR);
    }

    public static Curve flat(String name, String x, String y) {
        return of(name, x, y, Growth.FLAT);
    }

    public static Curve linear(String name, String x, String y) {
        return of(name, x, y, Growth.LINEAR);
    }
}
