package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.growth.Curve;
import dev.sallyport.benchmarks.load.LoadResult;
import java.util.ArrayList;
import java.util.List;

/** Every point of every curve once. Filled while it is measured; one thread. */
final class GrowthRound implements Round {
    /**
     * @param series the configuration whose curve it is
     * @param x the size
     * @param y the cost
     */
    record Value(Curve curve, String series, double x, double y) {}

    private final List<Value> values = new ArrayList<>();
    private final List<String> order = new ArrayList<>();
    private Noise noise = Noise.NONE;
    private long failed;

    void add(Curve curve, String series, double x, double y) {
        values.add(new Value(curve, series, x, y));
    }

    /** A load is over, with so many wrong answers. */
    void loaded(String what, Account account, LoadResult result) {
        order.add(what);
        noise = noise.plus(account);
        failed += result.failed();
        if (result.failed() > 0) {
            Bench.say(what + ": wrong answers " + result.errors() + ", right ones " + result.answered()
                    + " (expected: no wrong ones)");
        }
    }

    List<Value> values() {
        return values;
    }

    long failed() {
        return failed;
    }

    @Override
    public Iterable<String> order() {
        return order;
    }

    @Override
    public Noise noise() {
        return noise;
    }

    @Override
    public void describe(ObjectNode json) {
        noise.describe(json.putObject("noise"));
        json.put("wrongAnswers", failed);
        ArrayNode array = json.putArray("values");
        values.forEach(value -> array.addObject()
                .put("curve", value.curve.name())
                .put("configuration", value.series)
                .put("x", value.x)
                .put("y", value.y));
    }
}
