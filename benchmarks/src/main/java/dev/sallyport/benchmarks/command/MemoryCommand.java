package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.kernel.ProcessMemory;
import dev.sallyport.benchmarks.load.BulkTransfer;
import dev.sallyport.benchmarks.load.Plan;
import dev.sallyport.benchmarks.pair.Pair;
import dev.sallyport.benchmarks.pair.Part;
import java.io.IOException;
import java.net.InetSocketAddress;
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
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench memory}: how large the proxies are after load, and that a large body does not make them larger. */
@Command(
        name = "memory",
        description =
                "Memory of each proxy after load, then one large body in each direction: its speed, and the peak meanwhile.",
        sortOptions = false)
final class MemoryCommand implements Callable<Integer> {
    private static final Duration SATURATED = Duration.ofSeconds(2);

    @Mixin
    private RunOptions options;

    @Mixin
    private PairOptions pairs;

    @Mixin
    private LoadOptions load;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "of load after each start, the first 2 s of them as fast as it goes (default: 12; quick: 6)")
    private Optional<Integer> seconds = Optional.empty();

    @Option(
            names = "--megabytes",
            paramLabel = "N",
            defaultValue = "1024",
            description = "of the large body (default: ${DEFAULT-VALUE})")
    private int megabytes;

    /** How a large body goes. */
    private interface Transfer {
        Duration go(InetSocketAddress target, String headers, long bytes) throws IOException;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        pairs.check(options);
        load.check(options);
        options.within("--megabytes", megabytes, 1, 1 << 20);
        int loaded = options.within("--seconds", seconds.orElse(options.quick ? 6 : 12), 3, 3600);
        int rounds = options.rounds(3, 1);
        long seed = options.seed();
        Instant started = Instant.now();
        List<MemoryRound> done = new ArrayList<>();
        List<Pair.Starter> order;
        List<String> names;
        List<String> leftOut;
        try (PairSession session = new PairSession(pairs)) {
            order = new ArrayList<>(session.configurations());
            names = order.stream().map(Pair.Starter::name).toList();
            leftOut = session.leftOut();
            Random random = new Random(seed);
            for (int round = 1; round <= rounds; round++) {
                Collections.shuffle(order, random);
                Map<String, MemoryRound.Measured> measured = new LinkedHashMap<>();
                for (Pair.Starter starter : order) {
                    Bench.say("round " + round + " of " + rounds + ": " + starter.name());
                    try (Pair pair = starter.start()) {
                        measured.put(
                                pair.name(),
                                measure(
                                        session,
                                        pair,
                                        Duration.ofSeconds(loaded).minus(SATURATED)));
                    }
                }
                done.add(new MemoryRound(measured));
            }
        }
        return report(started, seed, names, leftOut, done);
    }

    private MemoryRound.Measured measure(PairSession session, Pair pair, Duration atRate) throws IOException {
        Plan plan = session.plan(pair, load.connections, 1024);
        Phase first = session.measure(plan.closed(Duration.ZERO, SATURATED), session.account(pair));
        Phase second = session.measure(plan.open(load.rate, Duration.ZERO, atRate), session.account(pair));
        return new MemoryRound.Measured(
                memory(pair),
                first.load().failed() + second.load().failed(),
                large(session, pair, BulkTransfer::upload),
                large(session, pair, BulkTransfer::download));
    }

    private MemoryRound.Large large(PairSession session, Pair pair, Transfer transfer) throws IOException {
        for (Part part : pair.parts()) {
            part.resetPeak();
        }
        long before = cpuNanos(pair);
        long bytes = (long) megabytes << 20;
        Duration took = transfer.go(pair.address(), session.headers(), bytes);
        return new MemoryRound.Large(bytes, took, cpuNanos(pair) - before, memory(pair));
    }

    private static long cpuNanos(Pair pair) {
        return pair.parts().stream().mapToLong(Part::cpuNanos).sum();
    }

    private static Map<String, ProcessMemory> memory(Pair pair) throws IOException {
        Map<String, ProcessMemory> memory = new LinkedHashMap<>();
        for (Part part : pair.parts()) {
            memory.put(part.name(), part.memory());
        }
        return memory;
    }

    private int report(Instant started, long seed, List<String> names, List<String> leftOut, List<MemoryRound> rounds)
            throws IOException {
        Comparison<MemoryRound> comparison = comparison(names, rounds);
        ObjectNode json = Report.begin("memory", options, started, seed, leftOut);
        json.putObject("plan")
                .put("rate", load.rate)
                .put("connections", load.connections)
                .put("megabytes", megabytes);
        ArrayNode array = json.putArray("rounds");
        rounds.forEach(round -> round.describe(array.addObject()));
        comparison.describe(json.putObject("summary"));
        System.out.println("after " + load.rate + " requests/s on " + load.connections + " connections; body of "
                + megabytes + " MB; " + rounds.size() + " rounds, seed " + seed + Report.leftOut(leftOut));
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
        for (String part : List.of("outbound", "inbound")) {
            memory(comparison, part, "resident", MemoryRound.Measured::loaded, ProcessMemory::resident);
            memory(comparison, part, "private", MemoryRound.Measured::loaded, ProcessMemory::privateBytes);
            memory(comparison, part, "peak", MemoryRound.Measured::loaded, ProcessMemory::peak);
        }
        large(comparison, "upload", MemoryRound.Measured::upload);
        large(comparison, "download", MemoryRound.Measured::download);
        return comparison;
    }

    private static void large(
            Comparison<MemoryRound> comparison, String what, Function<MemoryRound.Measured, MemoryRound.Large> of) {
        comparison.figure(
                what + ", MB/s",
                0,
                (round, name) ->
                        Optional.of(of.apply(round.measured().get(name)).megabytesPerSecond()));
        comparison.figure(
                "  CPU, pair, ms/GB",
                0,
                (round, name) -> Optional.of(of.apply(round.measured().get(name)))
                        .filter(found -> !found.memory().isEmpty())
                        .map(MemoryRound.Large::cpuMillisPerGigabyte));
        for (String part : List.of("outbound", "inbound")) {
            memory(
                    comparison,
                    "  " + part,
                    "peak",
                    measured -> of.apply(measured).memory(),
                    ProcessMemory::peak);
        }
    }

    private static void memory(
            Comparison<MemoryRound> comparison,
            String part,
            String what,
            Function<MemoryRound.Measured, Map<String, ProcessMemory>> of,
            ToDoubleFunction<ProcessMemory> bytes) {
        comparison.figure(
                part + " " + what + ", MB",
                1,
                (round, name) -> Optional.ofNullable(
                                of.apply(round.measured().get(name)).get(part.strip()))
                        .map(memory -> MemoryRound.megabytes((long) bytes.applyAsDouble(memory))));
    }
}
