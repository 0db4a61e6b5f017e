package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.fleet.Fleet;
import dev.sallyport.benchmarks.fleet.Planner;
import dev.sallyport.benchmarks.fleet.Wave;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench fleet}: how a fleet that started together comes back for its renewals. A simulation: its figures are the same on any machine. */
@Command(
        name = "fleet",
        description = {
            "The renewals of many sidecars that started together, simulated.",
            "slots: as the control plane plans them.  drawn: each at random in the same part of its life."
        },
        sortOptions = false)
final class FleetCommand implements Callable<Integer> {
    /** Of the peak, in means: above it the fleet comes back as a herd. */
    private static final double PEAK_MAX = 1.5;

    private static final Map<String, Function<RandomGenerator, Planner>> PLANNERS =
            new TreeMap<>(Map.of("slots", Planner::slots, "drawn", Planner::drawn));

    @Mixin
    private RunOptions options;

    @Option(
            names = "--sidecars",
            paramLabel = "N",
            defaultValue = "10000",
            description = "that start (default: ${DEFAULT-VALUE})")
    private int sidecars;

    @Option(
            names = "--within",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "at random times of this long (default: ${DEFAULT-VALUE})")
    private int within;

    @Option(
            names = "--lives",
            split = ",",
            paramLabel = "HOURS",
            defaultValue = "1,24",
            description = "of certificates, several with commas (default: ${DEFAULT-VALUE})")
    private List<Integer> lives = List.of();

    @Option(
            names = "--waves",
            paramLabel = "N",
            defaultValue = "3",
            description = "renewals of each sidecar (default: ${DEFAULT-VALUE})")
    private int waves;

    @Override
    public Integer call() throws IOException {
        options.within("--sidecars", sidecars, 1, 1_000_000);
        options.within("--within", within, 0, 86_400);
        options.within("--waves", waves, 1, 100);
        lives.forEach(life -> options.within("--lives", life, 1, 168));
        long seed = options.seed();
        Instant started = Instant.now();
        Path file = options.json(started);
        ObjectNode json = Report.begin("fleet", options, started, seed, List.of());
        json.putObject("plan").put("sidecars", sidecars).put("within", within).put("waves", waves);
        ArrayNode rows = json.putArray("waves");
        Table table = new Table();
        table.row(List.of("renewals a second", "wave", "mean", "peak", "peak / mean", "busiest second"));
        double worst = 0;
        for (int life : lives) {
            for (String planner : PLANNERS.keySet()) {
                for (Wave wave : renew(planner, Duration.ofHours(life), seed)) {
                    row(table, rows, life, planner, wave);
                    boolean judged = planner.equals("slots") && wave.number() == 1;
                    worst = judged ? Math.max(worst, wave.peakOverMean()) : worst;
                }
            }
        }
        System.out.println(sidecars + " sidecars that started within " + within + " s, seed " + seed
                + "; peaks over a 1,440th of a life (a minute of 24 h)");
        table.lines().forEach(System.out::println);
        System.out.printf(
                Locale.ROOT,
                "first wave by slots, at worst: peak %.2f times the mean (goal: <= %.1f)%n",
                worst,
                PEAK_MAX);
        Report.write(file, json);
        return worst <= PEAK_MAX ? 0 : Bench.FAILED;
    }

    private List<Wave> renew(String planner, Duration life, long seed) {
        Random random = new Random(seed);
        return new Fleet(sidecars, Duration.ofSeconds(within), life)
                .renew(PLANNERS.get(planner).apply(random), waves, random);
    }

    private static void row(Table table, ArrayNode rows, int life, String planner, Wave wave) {
        table.row(List.of(
                planner + ", " + life + " h",
                String.valueOf(wave.number()),
                number(wave.mean()),
                number(wave.peak()),
                number(wave.peakOverMean()),
                String.valueOf(wave.inOneSecond())));
        rows.addObject()
                .put("planner", planner)
                .put("lifeHours", life)
                .put("wave", wave.number())
                .put("meanPerSecond", wave.mean())
                .put("peakPerSecond", wave.peak())
                .put("busiestSecond", wave.inOneSecond());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
