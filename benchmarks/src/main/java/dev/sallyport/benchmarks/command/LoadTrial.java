package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.growth.Curve;
import dev.sallyport.benchmarks.kernel.ProcessMemory;
import dev.sallyport.benchmarks.load.Plan;
import dev.sallyport.benchmarks.pair.Pair;
import dev.sallyport.benchmarks.pair.Part;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * A load on a schedule through a pair.
 *
 * @param plan at its rate
 * @param x the size of which it is the cost
 * @param cpu curves of the pair's CPU for a request
 * @param memory curves of the pair's private memory
 */
record LoadTrial(
        PairSession session, Pair pair, Plan plan, String series, double x, List<Curve> cpu, List<Curve> memory)
        implements GrowthTrial {
    private static final double MEGABYTE = 1 << 20;

    @Override
    public void measure(GrowthRound round) throws IOException {
        Account account = session.account(pair);
        ProcessMemory[] found = {ProcessMemory.NONE};
        Phase phase = session.measure(plan, account, () -> found[0] = memory.isEmpty() ? found[0] : now());
        String what = cpu.getFirst().name() + " " + series + " " + Math.round(x);
        round.loaded(what, account, phase.load());
        cpu.forEach(curve -> round.add(curve, series, x, phase.pairMicros()));
        memory.forEach(curve -> round.add(curve, series, x, found[0].privateBytes() / MEGABYTE));
    }

    private ProcessMemory now() {
        try {
            ProcessMemory sum = ProcessMemory.NONE;
            for (Part part : pair.parts()) {
                sum = sum.plus(part.memory());
            }
            return sum;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
