package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench start}: how long a pair needs from nothing to its first request, and what its first seconds cost. */
@Command(
        name = "start",
        description = {
            "From the execution of both proxies to the first request that they answer, all files written before; then 1,000 requests/s on 16 connections at once, while nothing is warm.",
            "cold CPU is all that both used since they were executed. kept: with the state folder of the run before."
        },
        sortOptions = false)
final class StartCommand implements Callable<Integer> {
    private static final List<String> USUAL =
            List.of("nginx", "haproxy", "envoy", "envoy-full", "sallyport", "sallyport-small");

    @Mixin
    private RunOptions options;

    @Mixin
    private PairOptions pairs;

    @Option(names = "--seconds", paramLabel = "N", description = "of the cold load (default: 5; quick: 2)")
    private Optional<Integer> seconds = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        pairs.check(options, USUAL);
        Duration load = options.seconds("--seconds", seconds, 5, 2);
        int rounds = options.rounds(5, 2);
        long seed = options.seed();
        Instant started = Instant.now();
        List<StartRound> done = new ArrayList<>();
        List<String> names;
        List<String> leftOut;
        try (PairSession session = new PairSession(pairs)) {
            List<ColdStart> order = new ArrayList<>();
            for (Pair.Starter starter : session.configurations()) {
                if (!starter.name().equals("direct")) {
                    Bench.say("preparing " + starter.name());
                    order.add(new ColdStart(session, starter, load));
                }
            }
            names = order.stream().map(ColdStart::name).toList();
            leftOut = session.leftOut();
            Random random = new Random(seed);
            for (int round = 1; round <= rounds; round++) {
                Collections.shuffle(order, random);
                Bench.say("round " + round + " of " + rounds + ": "
                        + String.join(", ", order.stream().map(ColdStart::name).toList()));
                done.add(round(order));
            }
        }
        return report(options.json(started), started, seed, load, names, leftOut, done);
    }

    private static StartRound round(List<ColdStart> order) throws IOException, InterruptedException {
        Map<String, StartRound.Start> measured = new LinkedHashMap<>();
        Noise noise = Noise.NONE;
        for (ColdStart configuration : order) {
            ColdStart.Measured one = configuration.measure();
            measured.put(configuration.name(), one.start());
            noise = noise.plus(one.account());
        }
        return new StartRound(measured, noise);
    }

    private int report(
            Path file,
            Instant started,
            long seed,
            Duration load,
            List<String> names,
            List<String> leftOut,
            List<StartRound> rounds)
            throws IOException {
        ObjectNode json = Report.begin("start", options, started, seed, leftOut);
        json.putObject("plan")
                .put("rate", ColdStart.RATE)
                .put("connections", ColdStart.CONNECTIONS)
                .put("seconds", load.toSeconds());
        String head =
                "started, then " + ColdStart.RATE + " requests/s on " + ColdStart.CONNECTIONS + " connections for "
                        + load.toSeconds() + " s; " + rounds.size() + " rounds, seed " + seed + Report.leftOut(leftOut);
        Report.publish(file, json, head, rounds, comparison(load, names, rounds));
        int code = 0;
        for (String name : names) {
            long failed = rounds.stream()
                    .flatMap(round -> round.of(name).stream())
                    .mapToLong(start -> start.cold().load().failed())
                    .sum();
            if (failed > 0) {
                Bench.say(name + ": " + failed + " wrong answers (expected: none)");
                code = Bench.FAILED;
            }
        }
        return code;
    }

    private static Comparison<StartRound> comparison(Duration load, List<String> names, List<StartRound> rounds) {
        Comparison<StartRound> comparison = new Comparison<>(names, rounds);
        figure(comparison, "start, ms", start -> Optional.of(start.firstMillis()));
        figure(comparison, "start with its state kept, ms", StartRound.Start::keptMillis);
        figure(comparison, "inbound alone: start, ms", start -> start.alone().map(StartRound.Alone::firstMillis));
        figure(comparison, "inbound alone: ready, ms", start -> start.alone().flatMap(StartRound.Alone::readyMillis));
        figure(
                comparison,
                "cold CPU, " + load.toSeconds() + " s at 1000/s, ms",
                start -> Optional.of(start.coldMillis()));
        figure(comparison, "cold p50, µs", start -> Optional.of(start.cold().micros(50)));
        figure(comparison, "cold p99, µs", start -> Optional.of(start.cold().micros(99)));
        return comparison;
    }

    private static void figure(
            Comparison<StartRound> comparison, String label, Function<StartRound.Start, Optional<Double>> of) {
        comparison.figure(label, 0, (round, name) -> round.of(name).flatMap(of));
    }
}
