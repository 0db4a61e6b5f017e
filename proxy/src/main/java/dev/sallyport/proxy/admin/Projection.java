package dev.sallyport.proxy.admin;

import dev.sallyport.proxy.telemetry.Cell;
import dev.sallyport.proxy.telemetry.RequestKey;
import dev.sallyport.proxy.telemetry.RequestTally;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Cells added up by the labels of one family: every request is in exactly one of its series, or in none. */
final class Projection {
    static final double SECOND = 1_000_000;
    static final double MILLISECOND = 1_000;

    private final Map<Labels, RequestTally> series = new HashMap<>();

    private Projection() {}

    /** {@code labels}: empty where the family does not count it. */
    static Projection of(List<Cell> cells, Function<RequestKey, Optional<Labels>> labels) {
        Projection sums = new Projection();
        for (Cell cell : cells) {
            labels.apply(cell.key()).ifPresent(found -> sums.add(found, cell));
        }
        return sums;
    }

    /** Of both directions, which differ in their labels. */
    Projection and(Projection other) {
        Projection both = new Projection();
        both.series.putAll(series);
        both.series.putAll(other.series);
        return both;
    }

    /** The same series, and more requests of them. */
    void add(Labels labels, Cell cell) {
        series.computeIfAbsent(labels, _ -> new RequestTally()).add(cell);
    }

    CounterSnapshot requests(String name, String help) {
        CounterSnapshot.Builder builder = CounterSnapshot.builder().name(name).help(help);
        series.forEach((labels, sum) -> builder.dataPoint(CounterDataPointSnapshot.builder()
                .labels(labels)
                .value((double) sum.requests())
                .build()));
        return builder.build();
    }

    /** {@code unit}: in microseconds. */
    HistogramSnapshot durations(String name, String help, double unit) {
        double[] bounds = RequestTally.durationBounds(unit);
        return histogram(
                name,
                help,
                bounds,
                RequestTally::durations,
                sum -> sum.durationMicros() / unit,
                sum -> traced(sum, unit));
    }

    HistogramSnapshot requestSizes(String name, String help) {
        return histogram(
                name,
                help,
                RequestTally.sizeBounds(),
                RequestTally::requestSizes,
                RequestTally::requestBytes,
                _ -> Exemplars.EMPTY);
    }

    HistogramSnapshot responseSizes(String name, String help) {
        return histogram(
                name,
                help,
                RequestTally.sizeBounds(),
                RequestTally::responseSizes,
                RequestTally::responseBytes,
                _ -> Exemplars.EMPTY);
    }

    private HistogramSnapshot histogram(
            String name,
            String help,
            double[] bounds,
            Function<RequestTally, long[]> counts,
            ToDoubleFunction<RequestTally> total,
            Function<RequestTally, Exemplars> exemplars) {
        HistogramSnapshot.Builder builder =
                HistogramSnapshot.builder().name(name).help(help);
        series.forEach((labels, sum) -> builder.dataPoint(HistogramDataPointSnapshot.builder()
                .labels(labels)
                .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, counts.apply(sum)))
                .sum(total.applyAsDouble(sum))
                .exemplars(exemplars.apply(sum))
                .build()));
        return builder.build();
    }

    private static Exemplars traced(RequestTally sum, double unit) {
        List<Exemplar> all = new ArrayList<>();
        for (Cell.Traced request : sum.traced()) {
            all.add(Exemplar.builder()
                    .traceId(request.traceId())
                    .value(request.durationMicros() / unit)
                    .timestampMillis(request.endedMillis())
                    .build());
        }
        return Exemplars.of(all);
    }
}
