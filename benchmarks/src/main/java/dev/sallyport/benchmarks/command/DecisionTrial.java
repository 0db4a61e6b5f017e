package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.DecisionCost;
import dev.sallyport.benchmarks.growth.Curve;
import java.time.Duration;

/** The decision alone, in this process. */
record DecisionTrial(DecisionCost decision, double x, Duration duration, Curve nanos) implements GrowthTrial {
    @Override
    public void measure(GrowthRound round) {
        round.add(nanos, "sallyport", x, decision.nanos(duration));
    }
}
