package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.search.MadeRecords;
import dev.sallyport.benchmarks.search.Questions;
import dev.sallyport.server.records.Page;
import dev.sallyport.server.records.RecordFollower;
import dev.sallyport.server.records.RecordIndex;
import dev.sallyport.server.records.RecordQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench search}: how long a search in many records takes, whatever is asked; and what the index costs. */
@Command(
        name = "search",
        description = {
            "Searches in an index of made-up records: rare and frequent values, and combinations that match nothing.",
            "Builds the index first: about a minute and 1.3 GB for 10 million records."
        },
        sortOptions = false)
final class SearchCommand implements Callable<Integer> {
    private static final double GOAL_MILLIS = 200;
    private static final int QUICK_RECORDS = 200_000;

    @Mixin
    private RunOptions options;

    @Option(
            names = "--records",
            paramLabel = "N",
            defaultValue = "10000000",
            description = "in the index (default: ${DEFAULT-VALUE}; " + QUICK_RECORDS + " with --quick)")
    private int records;

    @Option(
            names = "--questions",
            paramLabel = "N",
            defaultValue = "200",
            description = "of each kind, in a random order of all (default: ${DEFAULT-VALUE})")
    private int questions;

    @Option(
            names = "--keep",
            paramLabel = "FOLDER",
            description =
                    "where the index is built and kept, to be used again by the same seed and number (default: one that is removed)")
    private Path kept;

    @Override
    public Integer call() throws IOException {
        options.within("--records", records, 1_000, 200_000_000);
        options.within("--questions", questions, 1, 100_000);
        long size = options.quick ? Math.min(records, QUICK_RECORDS) : records;
        long seed = options.seed();
        Instant started = Instant.now();
        Path json = options.json(started);
        Path folder = kept == null ? Files.createTempDirectory("sallyport-bench-search") : kept;
        try (RecordIndex index = RecordIndex.open(folder.resolve("records.db"))) {
            MadeRecords made = new MadeRecords(seed, size);
            Duration built = build(index, made);
            ObjectNode report = Report.begin("search", options, started, seed, List.of());
            double rate = built.isZero() ? 0 : size * 1e9 / built.toNanos();
            report.put("records", size).put("indexBytes", index.bytes()).put("recordsPerSecond", rate);
            System.out.printf(
                    Locale.ROOT,
                    "%,d entries, seed %d; index %,d MB, %d bytes a record; built at %,.0f records/s (making them up included)%n",
                    size,
                    seed,
                    index.bytes() / 1_000_000,
                    index.bytes() / size,
                    rate);
            double worst = ask(index, new Questions(made), new Random(seed), report);
            Report.write(json, report);
            return worst <= GOAL_MILLIS ? 0 : Bench.FAILED;
        } finally {
            if (kept == null) {
                remove(folder);
            }
        }
    }

    private static Duration build(RecordIndex index, MadeRecords made) throws IOException {
        long begin = System.nanoTime();
        long from = index.next();
        Bench.say("building an index of " + made.size() + " records");
        Thread progress = Thread.ofPlatform().daemon().start(() -> tell(index, made.size()));
        try (RecordFollower follower = new RecordFollower(index, made)) {
            follower.catchUp();
        } finally {
            progress.interrupt();
        }
        return from < made.size() ? Duration.ofNanos(System.nanoTime() - begin) : Duration.ZERO;
    }

    private static void tell(RecordIndex index, long size) {
        try {
            while (true) {
                Thread.sleep(Duration.ofSeconds(5));
                Bench.say(index.next() + " of " + size);
            }
        } catch (InterruptedException done) {
            // The index is built.
        }
    }

    private record Asked(String kind, Function<Random, RecordQuery> question) {}

    /** The p99 of all, in milliseconds. */
    private double ask(RecordIndex index, Questions asked, Random random, ObjectNode report) throws IOException {
        List<Asked> all = new ArrayList<>();
        Map<String, Histogram> times = new LinkedHashMap<>();
        asked.kinds().forEach((kind, question) -> {
            all.addAll(Collections.nCopies(questions, new Asked(kind, question)));
            times.put(kind, new Histogram(3));
        });
        times.put("all", new Histogram(3));
        Map<String, Long> found = new LinkedHashMap<>();
        Collections.shuffle(all, random);
        for (Asked one : all) {
            RecordQuery query = one.question.apply(random);
            long begin = System.nanoTime();
            Page page = index.search(query);
            long took = (System.nanoTime() - begin) / 1_000;
            Stream.of(one.kind, "all").map(times::get).forEach(histogram -> histogram.recordValue(took));
            found.merge(one.kind, (long) page.records().size(), Long::sum);
            found.merge("all", page.stopped() ? 1_000_000_000L : 0L, Long::sum);
        }
        Table table = new Table();
        table.row(List.of("milliseconds", "p50", "p99", "greatest", "found each"));
        ObjectNode kinds = report.putObject("milliseconds");
        times.forEach((kind, histogram) -> {
            table.row(List.of(
                    kind,
                    millis(histogram.getValueAtPercentile(50)),
                    millis(histogram.getValueAtPercentile(99)),
                    millis(histogram.getMaxValue()),
                    kind.equals("all") ? "" : String.valueOf(found.getOrDefault(kind, 0L) / questions)));
            kinds.putObject(kind)
                    .put("p50", histogram.getValueAtPercentile(50) / 1e3)
                    .put("p99", histogram.getValueAtPercentile(99) / 1e3)
                    .put("greatest", histogram.getMaxValue() / 1e3);
        });
        table.lines().forEach(System.out::println);
        double worst = times.get("all").getValueAtPercentile(99) / 1e3;
        System.out.printf(Locale.ROOT, "p99 of all: %.1f ms (goal: <= %.0f ms)%n", worst, GOAL_MILLIS);
        return worst;
    }

    private static String millis(long micros) {
        return String.format(Locale.ROOT, "%.2f", micros / 1e3);
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
