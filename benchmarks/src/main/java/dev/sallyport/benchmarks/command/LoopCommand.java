package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.TokensInTurn;
import dev.sallyport.benchmarks.load.EventLoop;
import dev.sallyport.benchmarks.loop.Trial;
import dev.sallyport.benchmarks.loop.Work;
import dev.sallyport.benchmarks.pair.Part;
import java.io.IOException;
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
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench loop}: whether tokens that were not seen before are better verified on the event loop or on a thread of their own. */
@Command(
        name = "loop",
        description = {
            "An event loop with short tasks and verifications of tokens not seen before, both at random times.",
            "none: short tasks only.  on N: N verifications a second on the loop.  off N: on a thread of their own, and back."
        },
        sortOptions = false)
final class LoopCommand implements Callable<Integer> {
    private static final Duration ROUND_WARM_UP = Duration.ofSeconds(1);
    private static final String NONE = "none";

    @Mixin
    private RunOptions options;

    @Option(
            names = "--verifications",
            split = ",",
            paramLabel = "N",
            defaultValue = "50,200,1000",
            description = "a second, several with commas (default: ${DEFAULT-VALUE})")
    private List<Integer> verifications = List.of();

    @Option(
            names = "--tasks",
            paramLabel = "N",
            defaultValue = "3000",
            description = "short tasks a second (default: ${DEFAULT-VALUE})")
    private int tasks;

    @Option(
            names = "--micros",
            paramLabel = "N",
            defaultValue = "50",
            description = "of CPU time that a short task takes (default: ${DEFAULT-VALUE})")
    private int micros;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "of each configuration in each round (default: 4; quick: 1)")
    private Optional<Integer> seconds = Optional.empty();

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description =
                    "of each configuration, once before the rounds (default: 4; quick: 1); each round warms up for 1 s more")
    private Optional<Integer> warmUp = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        options.within("--tasks", tasks, 1, 100_000);
        options.within("--micros", micros, 1, 10_000);
        verifications.forEach(perSecond -> options.within("--verifications", perSecond, 1, 100_000));
        Duration measured = options.seconds("--seconds", seconds, 4, 1);
        Duration warm = options.seconds("--warm-up", warmUp, 4, 1);
        int rounds = options.rounds(5, 2);
        long seed = options.seed();
        Instant started = Instant.now();
        Random random = new Random(seed);
        Map<String, Trial> trials = trials();
        List<LoopRound> done = new ArrayList<>();
        try (EventLoop loop = new EventLoop()) {
            for (Map.Entry<String, Trial> entry : trials.entrySet()) {
                Bench.say("warming up " + entry.getKey() + " for " + warm.toSeconds() + " s");
                entry.getValue().run(loop, random, ROUND_WARM_UP, warm, () -> {}, () -> {});
            }
            List<String> order = new ArrayList<>(trials.keySet());
            for (int round = 1; round <= rounds; round++) {
                Collections.shuffle(order, random);
                Bench.say("round " + round + " of " + rounds + ": " + String.join(", ", order));
                done.add(round(loop, random, order, trials, measured));
            }
        }
        return report(started, seed, List.copyOf(trials.keySet()), done);
    }

    private Map<String, Trial> trials() {
        Bench.say("signing " + TokensInTurn.MORE_THAN_REMEMBERED + " tokens");
        TokensInTurn tokens = new TokensInTurn("shop", TokensInTurn.MORE_THAN_REMEMBERED);
        Work work = Work.of(Duration.ofNanos(micros * 1000L));
        Map<String, Trial> trials = new LinkedHashMap<>();
        trials.put(NONE, new Trial(work, tasks, tokens::verify, 0, false));
        for (int perSecond : verifications) {
            trials.put("on " + perSecond, new Trial(work, tasks, tokens::verify, perSecond, false));
            trials.put("off " + perSecond, new Trial(work, tasks, tokens::verify, perSecond, true));
        }
        return trials;
    }

    private static LoopRound round(
            EventLoop loop, Random random, List<String> order, Map<String, Trial> trials, Duration measured)
            throws InterruptedException {
        Map<String, LoopRound.Measured> results = new LinkedHashMap<>();
        Noise noise = Noise.NONE;
        for (String name : order) {
            Account account = new Account(
                    List.of(new Part("loop", List.of(ProcessHandle.current().pid()))));
            Trial.Result result =
                    trials.get(name).run(loop, random, ROUND_WARM_UP, measured, account::begin, account::end);
            results.put(name, new LoopRound.Measured(result, account.totalNanos() / 1e6 / measured.toSeconds()));
            noise = noise.plus(account);
        }
        return new LoopRound(results, noise);
    }

    private int report(Instant started, long seed, List<String> names, List<LoopRound> rounds) throws IOException {
        Comparison<LoopRound> comparison = new Comparison<>(names, rounds, List.of());
        delays(comparison, "task, µs: p50", 50, Trial.Result::shortWork);
        delays(comparison, "task: p99", 99, Trial.Result::shortWork);
        delays(comparison, "task: p99.9", 99.9, Trial.Result::shortWork);
        delays(comparison, "verified, µs: p50", 50, Trial.Result::longWork);
        delays(comparison, "verified: p99", 99, Trial.Result::longWork);
        comparison.figure(
                "CPU, ms/s",
                0,
                (round, name) -> Optional.of(round.measured().get(name).cpuMillis()));
        comparison.figure(
                "CPU, µs/verification",
                0,
                (round, name) -> Optional.ofNullable(round.measured().get(NONE))
                        .filter(_ -> !name.equals(NONE))
                        .map(none ->
                                (round.measured().get(name).cpuMillis() - none.cpuMillis()) * 1e3 / perSecond(name)));
        ObjectNode json = Report.begin("loop", options, started, seed, List.of());
        json.putObject("plan").put("tasks", tasks).put("micros", micros);
        Report.rounds(json, rounds);
        comparison.describe(json.putObject("summary"));
        System.out.println(tasks + " tasks of " + micros + " µs a second on "
                + Runtime.getRuntime().availableProcessors() + " CPUs; " + rounds.size() + " rounds, seed " + seed);
        comparison.lines().forEach(System.out::println);
        Report.printNoise(rounds);
        Report.write(options.json(started), json);
        return 0;
    }

    private static int perSecond(String name) {
        return Integer.parseInt(name.substring(name.indexOf(' ') + 1));
    }

    private static void delays(
            Comparison<LoopRound> comparison, String label, double percentile, Function<Trial.Result, Histogram> of) {
        comparison.figure(
                label,
                0,
                (round, name) -> Optional.of(of.apply(round.measured().get(name).result()))
                        .filter(delays -> delays.getTotalCount() > 0)
                        .map(delays -> delays.getValueAtPercentile(percentile) / 1e3));
    }
}
