package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.copies.CopyRun;
import dev.sallyport.benchmarks.copies.MadeLog;
import dev.sallyport.benchmarks.kernel.MachineTime;
import dev.sallyport.benchmarks.pair.Workplace;
import dev.sallyport.server.copies.CopySettings.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench copies}: how many records a second each kind of copy brings to a sink that takes everything. */
@Command(
        name = "copies",
        description = {
            "The collected log copied into a local sink that takes everything at once, one kind after the other.",
            "A core-second covers reading, mapping, sending and the cursor on the disk; the sink's own thread is not"
                    + " part of it."
        },
        sortOptions = false)
final class CopiesCommand implements Callable<Integer> {
    @Mixin
    private RunOptions options;

    @Option(
            names = "--records",
            paramLabel = "N",
            description = "of the log, in each round (default: 100000; quick: 20000)")
    private Optional<Integer> records = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        int count = options.within("--records", records.orElse(options.quick ? 20_000 : 100_000), 1, 500_000);
        int rounds = options.rounds(5, 2);
        long seed = options.seed();
        Instant started = Instant.now();
        Path file = options.json(started);
        List<Kind> kinds = Arrays.asList(Kind.values());
        Random random = new Random(seed);
        ObjectNode json = Report.begin("copies", options, started, seed, List.of());
        json.putObject("plan").put("records", count);
        ArrayNode rows = json.putArray("rounds");
        Table table = new Table();
        table.row(List.of("kind", "round", "records/s", "records/core-second", "bytes sent a record"));
        MachineTime before = MachineTime.now();
        double cpuSeconds = 0;
        try (Workplace workplace = Workplace.open()) {
            MadeLog log = new MadeLog(workplace.folder("log"), count);
            Bench.say("warming up");
            for (Kind kind : kinds) {
                CopyRun.run(workplace.folder("warm-" + kind.word()), kind, log);
            }
            for (int round = 1; round <= rounds; round++) {
                Collections.shuffle(kinds, random);
                for (Kind kind : kinds) {
                    CopyRun.Result result = CopyRun.run(workplace.folder(kind.word() + "-" + round), kind, log);
                    row(table, rows, kind, round, result);
                    cpuSeconds += result.cpuSeconds();
                }
            }
            System.out.println(count + " records of " + log.bytes() / log.size() + " bytes, seed " + seed);
        }
        table.lines().forEach(System.out::println);
        System.out.printf(
                Locale.ROOT,
                "other programs, the log's making and the sink %.0f %% of the CPUs%n",
                MachineTime.now().since(before).othersPercent((long) (cpuSeconds * 1e9)));
        Report.write(file, json);
        return 0;
    }

    private static void row(Table table, ArrayNode rows, Kind kind, int round, CopyRun.Result result) {
        table.row(List.of(
                kind.word(),
                String.valueOf(round),
                String.format(Locale.ROOT, "%.0f", result.perSecond()),
                String.format(Locale.ROOT, "%.0f", result.perCpuSecond()),
                String.valueOf(result.bytesOut() / result.records())));
        rows.addObject()
                .put("kind", kind.word())
                .put("round", round)
                .put("records", result.records())
                .put("bytesOut", result.bytesOut())
                .put("seconds", result.seconds())
                .put("cpuSeconds", result.cpuSeconds());
    }
}
