package dev.sallyport.benchmarks.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The plots of the report. Each says in its title what is measured, and on its axes in which unit. */
final class Charts {
    private static final int WIDTH = 960;
    private static final int HEIGHT = 480;
    private static final int POINTS_A_DECADE = 12;
    private static final List<Marker> MARKERS = List.of(
            SeriesMarkers.CIRCLE,
            SeriesMarkers.SQUARE,
            SeriesMarkers.DIAMOND,
            SeriesMarkers.TRIANGLE_UP,
            SeriesMarkers.TRIANGLE_DOWN,
            SeriesMarkers.CROSS);
    private static final List<Color> PARTS = List.of(Palette.BLUE, Palette.ORANGE, Palette.GREEN);

    /** One line of a plot of growth. */
    record Line(List<Double> x, List<Double> y) {}

    private Charts() {}

    /** Latency in microseconds by percentile, both on a log scale: the tail is where proxies differ. {@code latencies}: in nanoseconds. */
    static XYChart percentiles(String title, Map<String, Histogram> latencies) {
        XYChart chart = lines(
                title,
                "one answer in so many is slower: 10 is p90, 100 p99, 1,000 p99.9 (log scale)",
                "latency, µs (log scale)");
        chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
        chart.getStyler().setXAxisLogarithmicDecadeOnly(true).setYAxisLogarithmicDecadeOnly(true);
        latencies.forEach((name, histogram) -> {
            List<Double> x = new ArrayList<>();
            List<Double> y = new ArrayList<>();
            // Beyond one answer in so many there are too few to tell.
            double most = Math.max(10, histogram.getTotalCount() / 10.0);
            for (int i = 0; Math.pow(10, (double) i / POINTS_A_DECADE) <= most; i++) {
                double nines = Math.pow(10, (double) i / POINTS_A_DECADE);
                x.add(nines);
                y.add(histogram.getValueAtPercentile(100 - 100 / nines) / 1e3);
            }
            add(chart, name, new Line(x, y), SeriesMarkers.NONE);
        });
        return chart;
    }

    /** How a cost grows: one line for each configuration, or part of one. */
    static XYChart growth(String title, String x, String y, boolean logX, boolean logY, Map<String, Line> series) {
        XYChart chart = lines(title, x + (logX ? " (log scale)" : ""), y + (logY ? " (log scale)" : ""));
        chart.getStyler().setXAxisLogarithmic(logX).setYAxisLogarithmic(logY);
        if (!logY) {
            chart.getStyler().setYAxisMin(0.0); // From zero: a flat curve is to look flat.
        }
        series.forEach((name, line) -> add(
                chart,
                name,
                logX ? positive(line) : line,
                MARKERS.get(chart.getSeriesMap().size() % MARKERS.size())));
        return chart;
    }

    /** Nothing, as a body without bytes, has no place on a log scale; it is in the raw figures. */
    private static Line positive(Line line) {
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        for (int i = 0; i < line.x().size(); i++) {
            if (line.x().get(i) > 0) {
                x.add(line.x().get(i));
                y.add(line.y().get(i));
            }
        }
        return new Line(x, y);
    }

    /** A bar for each of {@code names}; several {@code parts} stand on each other, or beside each other. */
    static CategoryChart bars(
            String title, String y, List<String> names, Map<String, List<Double>> parts, boolean stacked) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .yAxisTitle(y)
                .build();
        style(chart.getStyler());
        chart.getStyler().setStacked(stacked).setAvailableSpaceFill(stacked ? 0.7 : 0.9);
        chart.getStyler().setLabelsVisible(true).setLabelsFont(font(10)).setLabelsPosition(0.5);
        chart.getStyler().setLabelsFontColorAutomaticEnabled(true);
        chart.getStyler().setXAxisLabelRotation(names.size() > 8 ? 30 : 0).setLegendVisible(parts.size() > 1);
        chart.getStyler().setPlotGridVerticalLinesVisible(false);
        chart.getStyler().setYAxisMin(0.0);
        parts.forEach((part, values) -> chart.addSeries(part, names, values)
                .setFillColor(PARTS.get((chart.getSeriesMap().size() - 1) % PARTS.size())));
        return chart;
    }

    private static XYChart lines(String title, String x, String y) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        style(chart.getStyler());
        return chart;
    }

    private static void add(XYChart chart, String name, Line line, Marker marker) {
        XYSeries series = chart.addSeries(name, line.x, line.y);
        Color color = Palette.of(name, chart.getSeriesMap().size());
        series.setLineColor(color).setLineStyle(Palette.stroke(name));
        series.setMarker(marker).setMarkerColor(color);
    }

    private static void style(AxesChartStyler styler) {
        styler.setBaseFont(font(13)).setChartTitleFont(font(15).deriveFont(Font.BOLD));
        styler.setAxisTitleFont(font(13)).setAxisTickLabelsFont(font(12)).setLegendFont(font(12));
        styler.setChartBackgroundColor(Color.WHITE)
                .setPlotBackgroundColor(Color.WHITE)
                .setChartFontColor(Palette.INK);
        styler.setPlotGridLinesStroke(new BasicStroke(1)); // Dashes would be most of the file.
        styler.setPlotGridLinesColor(Palette.GRID).setPlotBorderVisible(false);
        styler.setLegendPosition(LegendPosition.OutsideS).setLegendLayout(LegendLayout.Horizontal);
        styler.setDecimalPattern("#,##0.#");
        styler.setLegendBorderColor(Color.WHITE).setChartTitleBoxVisible(false).setMarkerSize(7);
    }

    private static Font font(int size) {
        return new Font(Font.SANS_SERIF, Font.PLAIN, size);
    }

    /** @throws IOException when it cannot be written, or this machine has no font to measure texts with */
    static void save(Chart<?, ?> chart, Path file) throws IOException {
        ByteArrayOutputStream svg = new ByteArrayOutputStream();
        try {
            VectorGraphicsEncoder.saveVectorGraphic(chart, svg, VectorGraphicsFormat.SVG);
        } catch (Error | RuntimeException e) {
            throw new IOException(
                    file + ": no plot (without fonts: apt-get install fontconfig fonts-dejavu-core): " + e, e);
        }
        // Letters are outlines, with more digits than anybody sees: two of them make the file a third as large.
        String text = svg.toString(StandardCharsets.UTF_8).replaceAll("(\\.[0-9]{2})[0-9]+", "$1");
        Files.writeString(file, text);
    }
}
