package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench policy}: how cost grows with rules, routes, issuers, services, connections and bodies. */
@Command(
        name = "policy",
        description = {
            "How CPU, memory and snapshots grow with rules, routes, issuers, services of the mesh, connections and"
                    + " bodies; through real pairs at 1,000 requests/s, and one decision alone.",
            "flat: nowhere a tenth above its least size.  linear: in proportion, or slower.  WORSE: neither, and no"
                    + " error of measurement explains it."
        },
        exitCodeList = {"0:measured", "1:a wrong answer, or a curve that grows WORSE in a full run", "2:wrong usage"},
        sortOptions = false)
final class PolicyCommand implements Callable<Integer> {
    private static final List<String> USUAL = List.of("envoy-full", "envoy-200", "envoy-1000");

    @Mixin
    private RunOptions options;

    @Mixin
    private PairOptions pairs;

    @Option(
            names = "--curves",
            split = ",",
            paramLabel = "NAME",
            description = "several with commas, of: rules, routes, issuers, services, connections, bodies, decisions"
                    + " (default: all; quick: without routes, issuers and services)")
    private List<String> curves = List.of();

    @Option(names = "--seconds", paramLabel = "N", description = "of each load in each round (default: 1)")
    private Optional<Integer> seconds = Optional.empty();

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description = "of each pair, half of it as fast as it goes (default: 6; quick: 2)")
    private Optional<Integer> warmUp = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        pairs.check(options, USUAL);
        List<String> chosen = curves.isEmpty() && options.quick
                ? GrowthTrials.QUICK_NAMES
                : options.some("--curves", curves, GrowthTrials.NAMES);
        Duration measured = options.seconds("--seconds", seconds, 1, 1);
        Duration warm = options.seconds("--warm-up", warmUp, 6, 2);
        int count = options.rounds(5, 1);
        long seed = options.seed();
        Instant started = Instant.now();
        Random random = new Random(seed);
        List<GrowthRound> rounds = new ArrayList<>();
        List<String> leftOut;
        try (PairSession session = new PairSession(pairs)) {
            leftOut = session.leftOut();
            GrowthTrials trials = new GrowthTrials(session, options.quick, warm, measured);
            List<GrowthTrial> loads = trials.loads(chosen);
            for (int round = 1; round <= count; round++) {
                Bench.say("round " + round + " of " + count);
                rounds.add(new GrowthRound());
                measure(loads, random, rounds.getLast());
            }
            List<GrowthTrial> decisions = trials.decisions(chosen);
            measure(decisions, random, new GrowthRound()); // warms the compiler, for all of them
            for (GrowthRound round : rounds) {
                measure(decisions, random, round);
            }
        }
        return report(started, seed, leftOut, rounds);
    }

    private static void measure(List<GrowthTrial> trials, Random random, GrowthRound round) throws IOException {
        List<GrowthTrial> order = new ArrayList<>(trials);
        Collections.shuffle(order, random);
        for (GrowthTrial trial : order) {
            trial.measure(round);
        }
    }

    private int report(Instant started, long seed, List<String> leftOut, List<GrowthRound> rounds) throws IOException {
        GrowthFigures figures = new GrowthFigures(rounds);
        ObjectNode json = Report.begin("policy", options, started, seed, leftOut);
        Report.rounds(json, rounds);
        figures.describe(json);
        System.out.println("growth; " + rounds.size() + " rounds, seed " + seed + Report.leftOut(leftOut));
        figures.lines().forEach(System.out::println);
        Report.write(options.json(started), json);
        List<String> worse = figures.worse();
        if (!worse.isEmpty()) {
            Bench.say("grows worse than in proportion: " + String.join("; ", worse));
        }
        long failed = rounds.stream().mapToLong(GrowthRound::failed).sum();
        return failed > 0 || !worse.isEmpty() && !options.quick ? Bench.FAILED : 0;
    }
}
