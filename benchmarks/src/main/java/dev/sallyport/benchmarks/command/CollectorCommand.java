package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.collector.Delivery;
import dev.sallyport.benchmarks.pair.Workplace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench collector}: how many records a second the control plane verifies, answers and puts into the tiled log. */
@Command(
        name = "collector",
        description = {
            "Records of many sidecars, sealed in batches, taken by a collector on a real store and disk.",
            "A core-second covers seals and chains verified, the journal forced, the tree hashed and written; connections are not part of it."
        },
        sortOptions = false)
final class CollectorCommand implements Callable<Integer> {
    private static final double GOAL = 20_000;

    @Mixin
    private RunOptions options;

    @Option(
            names = "--sidecars",
            paramLabel = "N",
            defaultValue = "16",
            description = "that deliver at the same time (default: ${DEFAULT-VALUE})")
    private int sidecars;

    @Option(
            names = "--records",
            paramLabel = "N",
            description = "of each sidecar, in each round (default: 20000; quick: 4000)")
    private Optional<Integer> records = Optional.empty();

    @Option(
            names = "--batches",
            split = ",",
            paramLabel = "N",
            defaultValue = "1000,100",
            description = "records in a batch, several with commas (default: ${DEFAULT-VALUE})")
    private List<Integer> batches = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        options.within("--sidecars", sidecars, 1, 200);
        int each = options.within("--records", records.orElse(options.quick ? 4000 : 20_000), 1, 1_000_000);
        batches.forEach(size -> options.within("--batches", size, 1, 5000));
        int rounds = options.rounds(5, 2);
        long seed = options.seed();
        Instant started = Instant.now();
        Path file = options.json(started);
        Random random = new Random(seed);
        ObjectNode json = Report.begin("collector", options, started, seed, List.of());
        json.putObject("plan").put("sidecars", sidecars).put("records", each);
        ArrayNode rows = json.putArray("rounds");
        Table table = new Table();
        table.row(List.of("records a batch", "round", "records/s", "records/core-second", "MB/s"));
        double best = 0;
        try (Workplace workplace = Workplace.open()) {
            for (int size : batches) {
                Bench.say("warming up, " + size + " records a batch");
                Delivery.run(workplace.folder("warm-" + size), sidecars, each, size, random);
                for (int round = 1; round <= rounds; round++) {
                    Delivery.Result result =
                            Delivery.run(workplace.folder("round-" + size + "-" + round), sidecars, each, size, random);
                    row(table, rows, size, round, result);
                    best = Math.max(best, result.perCpuSecond());
                }
            }
        }
        System.out.println(sidecars + " sidecars, " + each + " records each, seed " + seed);
        table.lines().forEach(System.out::println);
        System.out.printf(Locale.ROOT, "at best %.0f records a core-second (goal: >= %.0f)%n", best, GOAL);
        Report.write(file, json);
        return best >= GOAL ? 0 : Bench.FAILED;
    }

    private static void row(Table table, ArrayNode rows, int size, int round, Delivery.Result result) {
        double megabytes = result.bytes() / 1e6 / result.seconds();
        table.row(List.of(
                String.valueOf(size),
                String.valueOf(round),
                String.format(Locale.ROOT, "%.0f", result.perSecond()),
                String.format(Locale.ROOT, "%.0f", result.perCpuSecond()),
                String.format(Locale.ROOT, "%.1f", megabytes)));
        rows.addObject()
                .put("batch", size)
                .put("round", round)
                .put("records", result.records())
                .put("bytes", result.bytes())
                .put("seconds", result.seconds())
                .put("wholeSeconds", result.wholeSeconds())
                .put("cpuSeconds", result.cpuSeconds());
    }
}
