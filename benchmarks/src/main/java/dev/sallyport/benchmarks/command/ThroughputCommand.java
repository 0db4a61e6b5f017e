package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench throughput}: how much a pair passes when every connection asks again as soon as it was answered. */
@Command(
        name = "throughput",
        description = {
            "Requests/s at saturation by body size (100 B, 1 KB, 64 KB) and connections (16, 32, 128); with --workers 2: 1 KB on 32.",
            "The load generator has one thread: its share of a CPU, and what it gets of the backend alone (direct), show that it is not what is measured."
        },
        sortOptions = false)
final class ThroughputCommand implements Callable<Integer> {
    private static final List<String> USUAL = List.of("direct", "nginx", "haproxy", "envoy-full", "sallyport");
    private static final String DIRECT = "direct";
    private static final int KILO = 1024;

    @Mixin
    private RunOptions options;

    @Mixin
    private PairOptions pairs;

    @Option(
            names = "--bytes",
            split = ",",
            paramLabel = "N",
            description = "of a response's body; several with commas (default: 100,1024,65536; quick: 1024,65536)")
    private List<Integer> bytes = List.of();

    @Option(
            names = "--connections",
            split = ",",
            paramLabel = "N",
            description = "several with commas (default: 16,32,128; quick: 32)")
    private List<Integer> connections = List.of();

    @Option(names = "--seconds", paramLabel = "N", description = "of each load in each round (default: 2; quick: 1)")
    private Optional<Integer> seconds = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        pairs.check(options, USUAL);
        LoadRounds plan = new LoadRounds(
                loads(),
                options.rounds(5, 1),
                options.repeats(),
                Duration.ofSeconds(options.quick ? 1 : 6),
                options.seed());
        Instant started = Instant.now();
        Path file = options.json(started);
        return report(plan, plan.run(pairs), started, file);
    }

    private List<Load> loads() {
        boolean one = options.given("--workers").filter(workers -> workers > 1).isPresent();
        List<Integer> sizes = !bytes.isEmpty()
                ? bytes
                : one ? List.of(KILO) : options.quick ? List.of(KILO, 64 * KILO) : List.of(100, KILO, 64 * KILO);
        List<Integer> counts =
                !connections.isEmpty() ? connections : one || options.quick ? List.of(32) : List.of(16, 32, 128);
        Duration warm = Duration.ofMillis(200);
        Duration measured = options.seconds("--seconds", seconds, 2, 1);
        List<Load> loads = new ArrayList<>();
        for (int size : sizes) {
            options.within("--bytes", size, 0, 1 << 20);
            for (int count : counts) {
                options.within("--connections", count, 1, 1000);
                loads.add(Load.saturated(name(size, count), count, size, warm, measured));
            }
        }
        return loads;
    }

    /** {@code 1 KB × 32}. */
    private static String name(int bytes, int connections) {
        return (bytes < KILO ? bytes + " B" : bytes / KILO + " KB") + " × " + connections;
    }

    private int report(LoadRounds plan, LoadRounds.Measured measured, Instant started, Path file) throws IOException {
        List<LoadFigures> figures = plan.loads().stream()
                .map(load -> new LoadFigures(load, measured.names(), measured.rounds())
                        .perSecond("requests/s")
                        .ofPairs("CPU, pair, µs", Phase::pairMicros)
                        .latency(50)
                        .latency(99)
                        .every("CPU of the load, % of one", 0, phase -> share(phase, "load"))
                        .every("CPU of the backend, % of one", 0, phase -> share(phase, "backend")))
                .toList();
        ObjectNode json = Report.begin("throughput", options, started, plan.seed(), measured.leftOut());
        LoadReport report = new LoadReport(plan, measured, figures);
        report.print("saturated");
        report.describe(json);
        figures.forEach(figure -> headroom(figure).ifPresent(System.out::println));
        Report.write(file, json);
        return report.failures();
    }

    private static double share(Phase phase, String part) {
        return phase.cpuMicros().get(part) * phase.load().perSecond() / 1e4;
    }

    /** By how much the load generator exceeds what is measured with it. */
    private static Optional<String> headroom(LoadFigures figures) {
        OptionalDouble direct = figures.comparison().median("requests/s", DIRECT);
        return figures.comparison().greatest("requests/s", name -> !name.equals(DIRECT)).stream()
                .filter(_ -> direct.isPresent())
                .map(fastest -> String.format(
                        Locale.ROOT,
                        "%s: direct answers %.1f times as many as the fastest pair, %s",
                        figures.load().name(),
                        direct.getAsDouble() / fastest.getValue(),
                        fastest.getKey()))
                .findFirst();
    }
}
