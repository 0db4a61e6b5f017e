package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.load.Plan;
import dev.sallyport.benchmarks.pair.Pair;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench latency}: what a pair adds to one request, and what it costs, at a fixed rate and at saturation. */
@Command(
        name = "latency",
        description =
                "Latency and CPU of one request at a fixed rate (open loop, from the intended send time), then requests/s at saturation.",
        sortOptions = false)
final class LatencyCommand implements Callable<Integer> {
    private static final String SCHEDULED = "scheduled";
    private static final String SATURATED = "saturated";
    private static final Duration ROUND_WARM_UP = Duration.ofSeconds(1);
    private static final Duration SATURATION_WARM_UP = Duration.ofMillis(200);

    @Mixin
    private RunOptions options;

    @Mixin
    private PairOptions pairs;

    @Mixin
    private LoadOptions load;

    @Option(
            names = "--bytes",
            paramLabel = "N",
            defaultValue = "1024",
            description = "of a response's body (default: ${DEFAULT-VALUE})")
    private int bytes;

    @Option(names = "--seconds", paramLabel = "N", description = "at the rate, in each round (default: 4; quick: 2)")
    private Optional<Integer> seconds = Optional.empty();

    @Option(
            names = "--saturated-seconds",
            paramLabel = "N",
            description = "at saturation, in each round (default: 3; quick: 1)")
    private Optional<Integer> saturatedSeconds = Optional.empty();

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description =
                    "at the rate, once before the rounds, and a fifth of it at saturation (default: 10; quick: 5); each round warms up for 1 s more")
    private Optional<Integer> warmUp = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        pairs.check(options);
        load.check(options);
        options.within("--bytes", bytes, 0, 1 << 20);
        Duration measured = options.seconds("--seconds", seconds, 4, 2);
        Duration saturated = options.seconds("--saturated-seconds", saturatedSeconds, 3, 1);
        Duration warm = options.seconds("--warm-up", warmUp, 10, 5);
        int rounds = options.rounds(5, 2);
        long seed = options.seed();
        Instant started = Instant.now();
        Path file = options.json(started);
        List<String> leftOut;
        List<LoadsRound> done = new ArrayList<>();
        List<String> names;
        try (PairSession session = new PairSession(pairs)) {
            List<Pair> running = new ArrayList<>();
            for (Pair.Starter starter : session.configurations()) {
                Bench.say("starting " + starter.name());
                running.add(starter.start());
            }
            names = running.stream().map(Pair::name).toList();
            leftOut = session.leftOut();
            for (Pair pair : running) {
                Bench.say("warming up " + pair.name() + " for " + warm.toSeconds() + " s");
                Plan plan = session.plan(pair, load.connections, bytes);
                session.warmUp(plan.open(load.rate, Duration.ZERO, warm));
                session.warmUp(plan.closed(Duration.ZERO, warm.dividedBy(5)));
            }
            Random random = new Random(seed);
            for (int round = 1; round <= rounds; round++) {
                Collections.shuffle(running, random);
                Bench.say("round " + round + " of " + rounds + ": "
                        + String.join(", ", running.stream().map(Pair::name).toList()));
                done.add(round(session, running, measured, saturated));
            }
        }
        return report(started, seed, file, names, leftOut, done);
    }

    private LoadsRound round(PairSession session, List<Pair> order, Duration measured, Duration saturated) {
        Map<String, Map<String, Phase>> results = new LinkedHashMap<>();
        Noise noise = Noise.NONE;
        for (Pair pair : order) {
            Plan plan = session.plan(pair, load.connections, bytes);
            Account first = session.account(pair);
            Phase atRate = session.measure(plan.open(load.rate, ROUND_WARM_UP, measured), first);
            Account second = session.account(pair);
            Phase atMost = session.measure(plan.closed(SATURATION_WARM_UP, saturated), second);
            Map<String, Phase> both = new LinkedHashMap<>();
            both.put(SCHEDULED, atRate);
            both.put(SATURATED, atMost);
            results.put(pair.name(), both);
            noise = noise.plus(first).plus(second);
        }
        return new LoadsRound(results, noise);
    }

    private int report(
            Instant started, long seed, Path file, List<String> names, List<String> leftOut, List<LoadsRound> rounds)
            throws IOException {
        Comparison<LoadsRound> comparison = comparison(names, rounds);
        ObjectNode json = Report.begin("latency", options, started, seed, leftOut);
        json.putObject("plan")
                .put("rate", load.rate)
                .put("connections", load.connections)
                .put("bytes", bytes);
        String head = load.rate + " requests/s on " + load.connections + " connections, " + bytes + "-byte responses; "
                + rounds.size() + " rounds, seed " + seed + Report.leftOut(leftOut);
        Report.publish(file, json, head, rounds, comparison);
        return failures(rounds);
    }

    private static int failures(List<LoadsRound> rounds) {
        int code = 0;
        for (LoadsRound round : rounds) {
            for (String name : round.order()) {
                if (round.failed(name) > 0) {
                    Bench.say(name + ": wrong answers at the rate "
                            + round.phase(name, SCHEDULED).load().errors() + ", at saturation "
                            + round.phase(name, SATURATED).load().errors() + " (expected: none)");
                    code = Bench.FAILED;
                }
            }
        }
        return code;
    }

    private static Comparison<LoadsRound> comparison(List<String> names, List<LoadsRound> rounds) {
        Comparison<LoadsRound> comparison = new Comparison<>(names, rounds);
        scheduled(comparison, "p50, µs", 0, phase -> phase.micros(50));
        comparison.figure(
                "added p50, µs",
                0,
                (round, name) -> Optional.of("direct")
                        .filter(direct -> round.measured().containsKey(direct) && !name.equals(direct))
                        .map(direct -> round.phase(direct, SCHEDULED))
                        .map(direct -> round.phase(name, SCHEDULED).micros(50) - direct.micros(50)));
        scheduled(comparison, "p90, µs", 0, phase -> phase.micros(90));
        scheduled(comparison, "p99, µs", 0, phase -> phase.micros(99));
        scheduled(comparison, "p99.9, µs", 0, phase -> phase.micros(99.9));
        scheduled(comparison, "max, µs", 0, phase -> phase.micros(100));
        scheduled(comparison, "answered/s", 0, phase -> phase.load().perSecond());
        pair(comparison, "CPU, pair, µs/request", SCHEDULED, Phase::pairMicros);
        pair(comparison, "  outbound", SCHEDULED, phase -> phase.cpuMicros().get("outbound"));
        pair(comparison, "  inbound", SCHEDULED, phase -> phase.cpuMicros().get("inbound"));
        scheduled(comparison, "  backend", 1, phase -> phase.cpuMicros().get("backend"));
        scheduled(comparison, "  load", 1, phase -> phase.cpuMicros().get("load"));
        comparison.figure(
                "saturated requests/s",
                0,
                (round, name) -> Optional.of(round.phase(name, SATURATED).load().perSecond()));
        pair(comparison, "saturated CPU, pair, µs", SATURATED, Phase::pairMicros);
        return comparison.figure("wrong answers", 0, (round, name) -> Optional.of((double) round.failed(name)));
    }

    private static void scheduled(
            Comparison<LoadsRound> comparison, String label, int digits, ToDoubleFunction<Phase> of) {
        comparison.figure(label, digits, (round, name) -> Optional.of(of.applyAsDouble(round.phase(name, SCHEDULED))));
    }

    /** Of configurations with proxies. */
    private static void pair(Comparison<LoadsRound> comparison, String label, String load, ToDoubleFunction<Phase> of) {
        comparison.figure(
                label,
                1,
                (round, name) -> Optional.of(round.phase(name, load))
                        .filter(found -> found.cpuMicros().containsKey("outbound"))
                        .map(of::applyAsDouble));
    }
}
