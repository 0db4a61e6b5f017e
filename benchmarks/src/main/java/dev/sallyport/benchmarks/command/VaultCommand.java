package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.load.LoadResult;
import dev.sallyport.benchmarks.pair.Part;
import dev.sallyport.benchmarks.pair.Workplace;
import dev.sallyport.benchmarks.vault.BenchVault;
import dev.sallyport.benchmarks.vault.ClosedLoop;
import dev.sallyport.benchmarks.vault.Signing;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench vault}: how many leaves a second the control plane gets from a Vault that signs each of them, beside what that Vault signs for anybody. */
@Command(
        name = "vault",
        description = {
            "Leaves a second from an OpenBao that signs each of them; as many callers, closed loop, in turn.",
            "bare: prepared requests by a plain HTTP client, answers not read.  authority: as the control plane gets them, every property checked."
        },
        sortOptions = false)
final class VaultCommand implements Callable<Integer> {
    private static final List<String> WAYS = List.of("bare", "authority");
    private static final Duration ROUND_WARM_UP = Duration.ofMillis(500);

    @Mixin
    private RunOptions options;

    @Option(
            names = "--callers",
            paramLabel = "N",
            defaultValue = "8",
            description = "at once (default: ${DEFAULT-VALUE})")
    private int callers;

    @Option(names = "--seconds", paramLabel = "N", description = "for each way, in each round (default: 5; quick: 2)")
    private Optional<Integer> seconds = Optional.empty();

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description = "for each way, once before the rounds (default: 20; quick: 5)")
    private Optional<Integer> warmUp = Optional.empty();

    @Option(
            names = "--no-pin",
            description =
                    "server and callers on all CPUs; by default the server has the first one for itself, as it has a machine of its own elsewhere")
    private boolean noPin;

    @Override
    public Integer call() throws IOException, InterruptedException {
        options.within("--callers", callers, 1, 32);
        Duration measured = options.seconds("--seconds", seconds, 5, 2);
        Duration warm = options.seconds("--warm-up", warmUp, 20, 5);
        int rounds = options.rounds(7, 2);
        long seed = options.seed();
        Instant started = Instant.now();
        Path file = options.json(started);
        List<VaultRound> done = new ArrayList<>();
        boolean pinned;
        Workplace workplace = Workplace.open();
        try (workplace;
                BenchVault vault = BenchVault.start(workplace.folder("vault"));
                Signing bare = Signing.bare(vault);
                Signing authority = Signing.authority(vault)) {
            pinned = !noPin && pin(vault.pid());
            Map<String, Signing> ways = Map.of("bare", bare, "authority", authority);
            List<Part> parts = List.of(
                    new Part("server", List.of(vault.pid())),
                    new Part("callers", List.of(ProcessHandle.current().pid())));
            for (String way : WAYS) {
                Bench.say("warming up " + way + " for " + warm.toSeconds() + " s");
                ClosedLoop.run(ways.get(way), callers, warm);
            }
            Random random = new Random(seed);
            List<String> order = new ArrayList<>(WAYS);
            for (int round = 1; round <= rounds; round++) {
                Collections.shuffle(order, random);
                Bench.say("round " + round + " of " + rounds + ": " + String.join(", ", order));
                done.add(round(ways, order, parts, measured));
            }
        }
        return report(started, seed, file, pinned, done);
    }

    /** Else the callers' checks would slow down the server that they ask. */
    private static boolean pin(long server) throws IOException, InterruptedException {
        int cpus = Runtime.getRuntime().availableProcessors();
        boolean pinned = cpus > 1
                && taskset("0", server)
                && taskset("1-" + (cpus - 1), ProcessHandle.current().pid());
        if (!pinned) {
            Bench.say("not pinned: one CPU, or no taskset (apt-get install util-linux)");
        }
        return pinned;
    }

    private static boolean taskset(String cpus, long pid) throws InterruptedException {
        try {
            Process process = new ProcessBuilder("taskset", "-a", "-p", "-c", cpus, String.valueOf(pid))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private VaultRound round(Map<String, Signing> ways, List<String> order, List<Part> parts, Duration measured)
            throws InterruptedException {
        Map<String, Phase> results = new LinkedHashMap<>();
        Noise noise = Noise.NONE;
        for (String way : order) {
            ClosedLoop.run(ways.get(way), callers, ROUND_WARM_UP);
            Account account = new Account(parts);
            account.begin();
            LoadResult result = ClosedLoop.run(ways.get(way), callers, measured);
            account.end();
            results.put(way, Phase.of(result, account));
            noise = noise.plus(account);
        }
        return new VaultRound(results, noise);
    }

    private int report(Instant started, long seed, Path file, boolean pinned, List<VaultRound> rounds)
            throws IOException {
        Comparison<VaultRound> comparison = new Comparison<>(
                        WAYS, rounds, List.of(new Comparison.Ratio("authority", "bare")))
                .figure(
                        "leaves/s",
                        0,
                        (round, way) ->
                                Optional.of(round.measured().get(way).load().perSecond()))
                .figure(
                        "p50, µs",
                        0,
                        (round, way) -> Optional.of(round.measured().get(way).micros(50)))
                .figure(
                        "p99, µs",
                        0,
                        (round, way) -> Optional.of(round.measured().get(way).micros(99)))
                .figure("CPU, server, µs/leaf", 0, (round, way) -> cpu(round, way, "server"))
                .figure("CPU, callers, µs/leaf", 0, (round, way) -> cpu(round, way, "callers"))
                .figure(
                        "failed",
                        0,
                        (round, way) -> Optional.of(
                                (double) round.measured().get(way).load().failed()));
        ObjectNode json = Report.begin("vault", options, started, seed, List.of());
        json.putObject("plan").put("callers", callers).put("pinned", pinned);
        String head = callers + " callers" + (pinned ? ", the server on a CPU of its own" : "") + "; " + rounds.size()
                + " rounds, seed " + seed;
        Report.publish(file, json, head, rounds, comparison);
        return failures(rounds);
    }

    private static Optional<Double> cpu(VaultRound round, String way, String part) {
        return Optional.ofNullable(round.measured().get(way).cpuMicros().get(part));
    }

    private static int failures(List<VaultRound> rounds) {
        int code = 0;
        for (VaultRound round : rounds) {
            for (Map.Entry<String, Phase> entry : round.measured().entrySet()) {
                if (entry.getValue().load().failed() > 0) {
                    Bench.say(entry.getKey() + ": failed "
                            + entry.getValue().load().errors() + " (expected: none)");
                    code = Bench.FAILED;
                }
            }
        }
        return code;
    }
}
