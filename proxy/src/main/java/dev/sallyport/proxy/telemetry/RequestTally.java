package dev.sallyport.proxy.telemetry;

import dev.sallyport.proxy.telemetry.Cell.Traced;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sum of cells, for a scrape; of its thread. */
public final class RequestTally {
    private final long[] numbers = new long[Cell.NUMBERS];
    private final @Nullable Traced[] traced = new Traced[Cell.DURATIONS];

    public void add(Cell cell) {
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] += cell.number(i);
        }
        for (int i = 0; i < traced.length; i++) {
            Traced latest = cell.traced(i);
            Traced before = traced[i];
            if (latest != null && (before == null || latest.endedMillis() > before.endedMillis())) {
                traced[i] = latest;
            }
        }
    }

    public long requests() {
        return Arrays.stream(durations()).sum();
    }

    /** Ended requests by duration, each in one bucket. */
    public long[] durations() {
        return Arrays.copyOfRange(numbers, 0, Cell.DURATIONS);
    }

    /** Total time of all of them. */
    public long durationMicros() {
        return numbers[Cell.MICROS];
    }

    /** Upper ends of {@link #durations} in {@code unit} microseconds, the last infinite. */
    public static double[] durationBounds(double unit) {
        double[] bounds = new double[Cell.DURATIONS];
        Arrays.setAll(bounds, i -> i < bounds.length - 1 ? Cell.bucketMicros(i) / unit : Double.POSITIVE_INFINITY);
        return bounds;
    }

    /** Requests by the bytes of their bodies. */
    public long[] requestSizes() {
        return Arrays.copyOfRange(numbers, Cell.REQUEST_SIZES, Cell.REQUEST_SIZES + Cell.SIZES);
    }

    public long requestBytes() {
        return numbers[Cell.REQUEST_BYTES];
    }

    /** Requests by the bytes of their answers' bodies. */
    public long[] responseSizes() {
        return Arrays.copyOfRange(numbers, Cell.RESPONSE_SIZES, Cell.RESPONSE_SIZES + Cell.SIZES);
    }

    public long responseBytes() {
        return numbers[Cell.RESPONSE_BYTES];
    }

    /** Upper ends of the sizes in bytes, the last infinite. */
    public static double[] sizeBounds() {
        double[] bounds = new double[Cell.SIZES];
        Arrays.setAll(bounds, Cell::sizeBytes);
        return bounds;
    }

    /** The latest of each bucket of durations that has one. */
    public List<Traced> traced() {
        List<Traced> all = new ArrayList<>();
        for (Traced each : traced) {
            if (each != null) {
                all.add(each);
            }
        }
        return all;
    }
}
