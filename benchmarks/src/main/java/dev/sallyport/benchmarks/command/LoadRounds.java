package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.pair.Pair;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * All configurations of a run beside each other, warmed once, then measured in shuffled rounds, each under the same loads one after the other.
 *
 * @param repeats at most, of a load in a round that other programs disturbed; of all attempts the quietest counts
 */
record LoadRounds(List<Load> loads, int rounds, int repeats, Duration warmUp, long seed) {
    /** What came of it; {@code names} in the order in which the configurations are listed. */
    record Measured(List<String> names, List<String> leftOut, List<LoadsRound> rounds) {}

    Measured run(PairOptions pairs) throws IOException, InterruptedException {
        try (PairSession session = new PairSession(pairs)) {
            List<Pair> running = new ArrayList<>();
            for (Pair.Starter starter : session.configurations()) {
                Bench.say("starting " + starter.name());
                running.add(starter.start());
            }
            List<String> names = running.stream().map(Pair::name).toList();
            running.forEach(pair -> warm(session, pair));
            Random random = new Random(seed);
            List<LoadsRound> done = new ArrayList<>();
            for (int round = 1; round <= rounds; round++) {
                Collections.shuffle(running, random);
                Bench.say("round " + round + " of " + rounds + ": "
                        + String.join(", ", running.stream().map(Pair::name).toList()));
                done.add(round(session, running));
            }
            return new Measured(names, List.copyOf(session.leftOut()), List.copyOf(done));
        }
    }

    /** A quarter of the time under the first load, then as fast as it goes: a compiler sees both shapes of work, and as many requests as there is time for. */
    private void warm(PairSession session, Pair pair) {
        Bench.say("warming up " + pair.name() + " for " + warmUp.toMillis() / 1000.0 + " s");
        Load first = loads.getFirst();
        Duration quarter = warmUp.dividedBy(4);
        session.warmUp(new Load(first.name(), first.rate(), first.connections(), first.bytes(), Duration.ZERO, quarter)
                .plan(session, pair));
        session.warmUp(
                Load.saturated(first.name(), first.connections(), first.bytes(), Duration.ZERO, warmUp.minus(quarter))
                        .plan(session, pair));
    }

    private LoadsRound round(PairSession session, List<Pair> order) {
        Map<String, Map<String, Phase>> results = new LinkedHashMap<>();
        Noise noise = Noise.NONE;
        for (Pair pair : order) {
            Map<String, Phase> phases = new LinkedHashMap<>();
            for (Load load : loads) {
                Phase phase = measure(session, pair, load);
                phases.put(load.name(), phase);
                noise = noise.plus(phase.noise());
            }
            results.put(pair.name(), phases);
        }
        return new LoadsRound(results, noise);
    }

    private Phase measure(PairSession session, Pair pair, Load load) {
        List<Phase> attempts = new ArrayList<>();
        do {
            attempts.add(session.measure(load.plan(session, pair), session.account(pair)));
        } while (attempts.getLast().noise().noisy() && attempts.size() <= repeats);
        return Phase.quietest(attempts);
    }
}
