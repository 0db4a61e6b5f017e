package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.load.Plan;
import dev.sallyport.benchmarks.pair.Pair;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * One load under which every configuration is measured in every round.
 *
 * @param name as it stands before its figures: {@code 1000/s}, {@code saturated}
 * @param rate requests a second on a schedule (open loop); empty: each connection sends as soon as it was answered (closed loop)
 * @param bytes of a response's body
 * @param warmUp in each round, before what counts
 */
record Load(String name, OptionalInt rate, int connections, int bytes, Duration warmUp, Duration measured) {
    /** Of its rate, which whoever answers fewer a second does not hold: his latencies are those of a queue that grows. */
    private static final double HELD = 0.98;

    static Load scheduled(int rate, int connections, int bytes, Duration warmUp, Duration measured) {
        return new Load(rate + "/s", OptionalInt.of(rate), connections, bytes, warmUp, measured);
    }

    static Load saturated(String name, int connections, int bytes, Duration warmUp, Duration measured) {
        return new Load(name, OptionalInt.empty(), connections, bytes, warmUp, measured);
    }

    Plan plan(PairSession session, Pair pair) {
        Plan plan = session.plan(pair, connections, bytes);
        return rate.isPresent() ? plan.open(rate.getAsInt(), warmUp, measured) : plan.closed(warmUp, measured);
    }

    /** Whether the configuration could not hold the rate. */
    boolean overloads(Phase phase) {
        return rate.isPresent() && phase.load().perSecond() < HELD * rate.getAsInt();
    }

    /** Wrong answers. What an overloaded configuration has not answered when its time is up is late, not wrong. */
    long failed(Phase phase) {
        long late = overloads(phase) ? phase.load().errors().getOrDefault("unanswered", 0L) : 0;
        return phase.load().failed() - late;
    }
}
