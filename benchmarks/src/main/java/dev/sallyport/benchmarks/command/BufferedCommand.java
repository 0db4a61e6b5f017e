package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.kernel.ThreadClock;
import dev.sallyport.benchmarks.load.Plan;
import dev.sallyport.benchmarks.pair.Pair;
import dev.sallyport.benchmarks.pair.Part;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code bench buffered}: what the record costs a request where it is {@code buffered}. No sidecar is without its record, so the log's own threads are held against the whole process, in the same seconds of the same
 * process; what the event loop pays beside them is {@code RecordBenchmark}'s to tell.
 */
@Command(
        name = "buffered",
        description =
                "What the record of a request costs where it is buffered: the share of the log's threads in the CPU time of each sidecar, at a rate and at saturation.",
        sortOptions = false)
final class BufferedCommand implements Callable<Integer> {
    private static final String THREADS = "audit-log";
    /** Of these, the one that makes the next segment: zeros, as many as there will be records. */
    private static final String AHEAD = "audit-log-ahead";

    @Mixin
    private RunOptions options;

    @Mixin
    private PairOptions pairs;

    @Mixin
    private LoadOptions load;

    @Option(names = "--seconds", paramLabel = "N", description = "of each load in each round (default: 10; quick: 3)")
    private Optional<Integer> seconds = Optional.empty();

    /** Of one sidecar under one load, in microseconds a request. */
    private record Cost(double all, double log, double ahead) {
        double percent() {
            return 100 * log / all;
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        pairs.check(options, List.of("sallyport")); // No other has a log of which a share could be told.
        load.check(options);
        Duration measured = options.seconds("--seconds", seconds, 10, 3);
        int rounds = options.rounds(5, 2);
        Instant started = Instant.now();
        ObjectNode json = Report.begin("buffered", options, started, options.seed(), List.of());
        ArrayNode array = json.putArray("rounds");
        try (PairSession session = new PairSession(pairs)) {
            for (Pair.Starter starter : session.configurations()) {
                try (Pair pair = starter.start()) {
                    if (hasLog(pair)) {
                        rounds(session, pair, measured, rounds, array);
                    }
                }
            }
        }
        Report.write(options.json(started), json);
        return 0;
    }

    private static boolean hasLog(Pair pair) throws IOException {
        return !pair.parts().isEmpty() && log(pair.parts().getFirst()) > 0;
    }

    private void rounds(PairSession session, Pair pair, Duration measured, int rounds, ArrayNode json)
            throws IOException {
        Plan plan = session.plan(pair, load.connections, 1024);
        session.warmUp(plan.open(load.rate, Duration.ZERO, Duration.ofSeconds(10)));
        session.warmUp(plan.closed(Duration.ZERO, Duration.ofSeconds(3)));
        Map<String, List<Cost>> costs = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            Bench.say("round " + round + " of " + rounds + ": " + pair.name());
            ObjectNode node = json.addObject().put("configuration", pair.name());
            measure(
                    session,
                    pair,
                    "at " + load.rate + "/s",
                    plan.open(load.rate, Duration.ZERO, measured),
                    costs,
                    node);
            measure(session, pair, "saturated", plan.closed(Duration.ZERO, measured), costs, node);
        }
        System.out.println(pair.name()
                + ": CPU of a sidecar, of its log's threads, of the one among them that makes segments, µs a request; share of the log; medians of "
                + rounds + " rounds");
        costs.forEach((what, all) -> System.out.println(String.format(
                Locale.ROOT,
                "%-22s %6.1f %6.2f %6.2f   %.1f %%",
                what,
                median(all, Cost::all),
                median(all, Cost::log),
                median(all, Cost::ahead),
                median(all, Cost::percent))));
    }

    private static void measure(
            PairSession session, Pair pair, String load, Plan plan, Map<String, List<Cost>> costs, ObjectNode json)
            throws IOException {
        Map<String, Long> before = new LinkedHashMap<>();
        Map<String, Long> aheadBefore = new LinkedHashMap<>();
        for (Part part : pair.parts()) {
            before.put(part.name(), log(part));
            aheadBefore.put(part.name(), nanos(part, AHEAD));
        }
        Phase phase = session.measure(plan, session.account(pair));
        for (Part part : pair.parts()) {
            long spent = log(part) - before.getOrDefault(part.name(), 0L);
            long ahead = nanos(part, AHEAD) - aheadBefore.getOrDefault(part.name(), 0L);
            double requests = 1e3 * Math.max(1, phase.load().answered());
            Cost cost = new Cost(
                    phase.cpuMicros().getOrDefault(part.name(), 0.0), spent / requests, Math.max(0, ahead) / requests);
            String what = part.name() + " " + load;
            costs.computeIfAbsent(what, _ -> new ArrayList<>()).add(cost);
            json.putObject(what)
                    .put("cpuMicros", cost.all())
                    .put("logMicros", cost.log())
                    .put("aheadMicros", cost.ahead())
                    .put("percent", cost.percent());
        }
    }

    private static long log(Part part) throws IOException {
        return nanos(part, THREADS);
    }

    private static long nanos(Part part, String threads) throws IOException {
        return ThreadClock.nanos(part.pids().getFirst(), threads);
    }

    private static double median(List<Cost> costs, ToDoubleFunction<Cost> of) {
        double[] sorted = costs.stream().mapToDouble(of).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
