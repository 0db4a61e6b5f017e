package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench latency}: what a pair adds to one request, and what it costs, at two fixed rates and at saturation. */
@Command(
        name = "latency",
        description = {
            "Latency and CPU of one request: 1,000/s on 16 connections, 3,000/s on 32 (open loop, from the intended send time), and saturated on 32.",
            "~ marks what other programs disturbed in a round, even when repeated; overload, what answered less than 98 %% of the rate."
        },
        sortOptions = false)
final class LatencyCommand implements Callable<Integer> {
    private static final List<String> FULL = List.of(
            "direct",
            "relay",
            "nginx",
            "haproxy",
            "envoy",
            "envoy-full",
            "envoy-uncached",
            "envoy-1000",
            "sallyport",
            "sallyport-minimal",
            "sallyport-1000",
            "sallyport-uring",
            "sallyport-overlapped",
            "sallyport-required");
    private static final List<String> QUICK = List.of("direct", "relay", "nginx", "haproxy", "envoy-full", "sallyport");

    private static final int CONNECTIONS = 32;

    @Mixin
    private RunOptions options;

    @Mixin
    private PairOptions pairs;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "requests a second, instead of the two rates (on 32 connections, or as many as are given)")
    private Optional<Integer> rate = Optional.empty();

    @Option(names = "--connections", paramLabel = "N", description = "keep-alive connections, of every load")
    private Optional<Integer> connections = Optional.empty();

    @Option(
            names = "--bytes",
            paramLabel = "N",
            defaultValue = "1024",
            description = "of a response's body (default: ${DEFAULT-VALUE})")
    private int bytes;

    @Option(names = "--seconds", paramLabel = "N", description = "at each rate, in each round (default: 3; quick: 1)")
    private Optional<Integer> seconds = Optional.empty();

    @Option(
            names = "--saturated-seconds",
            paramLabel = "N",
            description = "at saturation, in each round (default: 2; quick: 1)")
    private Optional<Integer> saturatedSeconds = Optional.empty();

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description =
                    "of each configuration, once before the rounds, most of it as fast as it goes (default: 12; quick: 2); each rate in each round warms up for 1 s more (quick: a quarter), saturation for 0.2 s")
    private Optional<Integer> warmUp = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        pairs.check(options, options.quick ? QUICK : FULL);
        LoadRounds plan = new LoadRounds(
                loads(),
                options.rounds(5, 1),
                options.repeats(),
                options.seconds("--warm-up", warmUp, 12, 2),
                options.seed());
        Instant started = Instant.now();
        Path file = options.json(started);
        return report(plan, plan.run(pairs), started, file);
    }

    private List<Load> loads() {
        rate.ifPresent(value -> options.within("--rate", value, 1, 1_000_000));
        connections.ifPresent(value -> options.within("--connections", value, 1, 1000));
        options.within("--bytes", bytes, 0, 1 << 20);
        Duration warm = Duration.ofMillis(options.quick ? 250 : 1000);
        Duration measured = options.seconds("--seconds", seconds, 3, 1);
        Load saturated = Load.saturated(
                "saturated",
                connections.orElse(CONNECTIONS),
                bytes,
                Duration.ofMillis(200),
                options.seconds("--saturated-seconds", saturatedSeconds, 2, 1));
        return rate.map(given -> List.of(
                        Load.scheduled(given, connections.orElse(CONNECTIONS), bytes, warm, measured), saturated))
                .orElseGet(() -> List.of(
                        Load.scheduled(1000, connections.orElse(16), bytes, warm, measured),
                        Load.scheduled(3000, connections.orElse(CONNECTIONS), bytes, warm, measured),
                        saturated));
    }

    private int report(LoadRounds plan, LoadRounds.Measured measured, Instant started, Path file) throws IOException {
        List<LoadFigures> figures =
                plan.loads().stream().map(load -> figures(load, measured)).toList();
        ObjectNode json = Report.begin("latency", options, started, plan.seed(), measured.leftOut());
        LoadReport report = new LoadReport(plan, measured, figures);
        report.print(bytes + "-byte responses");
        report.describe(json);
        Report.write(file, json);
        return report.failures();
    }

    private static LoadFigures figures(Load load, LoadRounds.Measured measured) {
        return new LoadFigures(load, measured.names(), measured.rounds())
                .added(50)
                .latency(90)
                .added(99)
                .latency(99.9)
                .latency(100)
                .perSecond("answered/s")
                .ofPairs("CPU, pair, µs", Phase::pairMicros)
                .ofPairs("CPU, outbound, µs", phase -> phase.cpuMicros().get("outbound"))
                .ofPairs("CPU, inbound, µs", phase -> phase.cpuMicros().get("inbound"))
                .every("CPU, backend, µs", 1, phase -> phase.cpuMicros().get("backend"))
                .every("CPU, load, µs", 1, phase -> phase.cpuMicros().get("load"));
    }
}
