package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.kernel.ProcessMemory;
import dev.sallyport.benchmarks.pair.Pair;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench memory}: how large the proxies are under load, what two pairs share, and that a large body does not make them larger. */
@Command(
        name = "memory",
        description = {
            "Memory of each proxy under 1,000 requests/s on 16 connections, then 3,000 on 32; then one large body in"
                    + " each direction: its speed, and the peak meanwhile.",
            "two pairs: of one configuration on one machine, each under 500 requests/s; private is what a proxy shares"
                    + " with no other process, proportional counts what is shared by its share."
        },
        sortOptions = false)
final class MemoryCommand implements Callable<Integer> {
    private static final List<String> USUAL =
            List.of("nginx", "haproxy", "envoy-full", "envoy-1000", "sallyport", "sallyport-small");
    private static final List<String> PARTS = List.of("outbound", "inbound");

    @Mixin
    private RunOptions options;

    @Mixin
    private PairOptions pairs;

    @Option(names = "--seconds", paramLabel = "N", description = "of each load (default: 10; quick: 2)")
    private Optional<Integer> seconds = Optional.empty();

    @Option(names = "--megabytes", paramLabel = "N", description = "of the large body (default: 1024; quick: 64)")
    private Optional<Integer> megabytes = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        pairs.check(options, USUAL);
        int large = options.within("--megabytes", megabytes.orElse(options.quick ? 64 : 1024), 1, 1 << 20);
        Duration load = options.seconds("--seconds", seconds, 10, 2);
        int rounds = options.rounds(3, 1);
        long seed = options.seed();
        Instant started = Instant.now();
        List<MemoryRound> done = new ArrayList<>();
        List<String> names;
        List<String> leftOut;
        try (PairSession session = new PairSession(pairs)) {
            List<Pair.Starter> order = new ArrayList<>(session.configurations());
            names = order.stream().map(Pair.Starter::name).toList();
            leftOut = session.leftOut();
            Random random = new Random(seed);
            for (int round = 1; round <= rounds; round++) {
                Collections.shuffle(order, random);
                Map<String, MemoryRound.Measured> measured = new LinkedHashMap<>();
                for (Pair.Starter starter : order) {
                    Bench.say("round " + round + " of " + rounds + ": " + starter.name());
                    measured.put(starter.name(), new MemoryTrial(session, starter, load, large).measure());
                }
                done.add(new MemoryRound(measured));
            }
        }
        ObjectNode json = Report.begin("memory", options, started, seed, leftOut);
        json.putObject("plan").put("seconds", load.toSeconds()).put("megabytes", large);
        String head = "each load for " + load.toSeconds() + " s; body of " + large + " MB; " + rounds + " rounds, seed "
                + seed + Report.leftOut(leftOut);
        return report(json, started, head, names, done);
    }

    private int report(ObjectNode json, Instant started, String head, List<String> names, List<MemoryRound> rounds)
            throws IOException {
        Comparison<MemoryRound> comparison = comparison(names, rounds);
        ArrayNode array = json.putArray("rounds");
        rounds.forEach(round -> round.describe(array.addObject()));
        comparison.describe(json.putObject("summary"));
        System.out.println(head);
        comparison.table().forEach(System.out::println);
        Report.write(options.json(started), json);
        int code = 0;
        for (MemoryRound round : rounds) {
            for (Map.Entry<String, MemoryRound.Measured> entry :
                    round.measured().entrySet()) {
                if (entry.getValue().errors() > 0) {
                    Bench.say(entry.getKey() + ": " + entry.getValue().errors() + " wrong answers (expected: none)");
                    code = Bench.FAILED;
                }
            }
        }
        return code;
    }

    private static Comparison<MemoryRound> comparison(List<String> names, List<MemoryRound> rounds) {
        Comparison<MemoryRound> comparison = new Comparison<>(names, rounds);
        for (String load : MemoryTrial.loads()) {
            for (String part : PARTS) {
                String end = " at " + load + ", " + part + ", MB";
                figure(comparison, "resident" + end, m -> m.megabytes(load, part, ProcessMemory::resident));
                figure(comparison, "private" + end, m -> m.megabytes(load, part, ProcessMemory::privateBytes));
                figure(comparison, "peak" + end, m -> m.megabytes(load, part, ProcessMemory::peak));
            }
        }
        figure(comparison, "private, two pairs, MB", m -> m.meanMegabytes(ProcessMemory::privateBytes));
        figure(comparison, "proportional, two pairs, MB", m -> m.meanMegabytes(ProcessMemory::proportional));
        large(comparison, "upload", MemoryRound.Measured::upload);
        large(comparison, "download", MemoryRound.Measured::download);
        return comparison;
    }

    private static void large(
            Comparison<MemoryRound> comparison, String what, Function<MemoryRound.Measured, MemoryRound.Large> of) {
        figure(comparison, what + ", MB/s", m -> Optional.of(of.apply(m).megabytesPerSecond()));
        figure(
                comparison,
                what + ": CPU of the pair, ms/GB",
                m -> Optional.of(of.apply(m))
                        .filter(found -> !found.memory().isEmpty())
                        .map(MemoryRound.Large::cpuMillisPerGigabyte));
        for (String part : PARTS) {
            figure(
                    comparison,
                    what + ": peak, " + part + ", MB",
                    m -> of.apply(m).peakMegabytes(part));
        }
    }

    private static void figure(
            Comparison<MemoryRound> comparison, String label, Function<MemoryRound.Measured, Optional<Double>> of) {
        comparison.figure(label, 1, (round, name) -> round.of(name).flatMap(of));
    }
}
