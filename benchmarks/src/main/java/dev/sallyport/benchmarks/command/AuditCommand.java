package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.audit.AuditLog;
import dev.sallyport.benchmarks.audit.DeviceLoop;
import dev.sallyport.benchmarks.audit.Fio;
import dev.sallyport.benchmarks.audit.Forces;
import dev.sallyport.benchmarks.audit.Verification;
import dev.sallyport.benchmarks.audit.WaitersLoop;
import dev.sallyport.benchmarks.load.EventLoop;
import dev.sallyport.benchmarks.pair.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench audit}: durable records a second beside what the disk alone can do in the same round; or a process that is killed again and again. */
@Command(
        name = "audit",
        description = {
            "Durable records a second and how long they take, by requests that wait at once on one event loop, closed"
                    + " loop.",
            "log N: N waiters.  device N: a plain loop that writes and forces N records at once, of as many bytes each."
        },
        sortOptions = false)
final class AuditCommand implements Callable<Integer> {
    private static final String LOG = "log ";
    private static final String DEVICE = "device ";
    private static final int JUDGED_WAITERS = 16;

    @Mixin
    private RunOptions options;

    @Option(
            names = "--waiters",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,16,64,256",
            description = "several with commas (default: ${DEFAULT-VALUE})")
    private List<Integer> waiters = List.of();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "of each configuration in each round (default: 3; quick: 1)")
    private Optional<Integer> seconds = Optional.empty();

    @Option(
            names = "--folder",
            paramLabel = "FOLDER",
            description = "on the disk to measure (default: benchmarks/target)")
    private Optional<Path> folder = Optional.empty();

    @Option(
            names = "--verified",
            paramLabel = "N",
            defaultValue = "300000",
            description = "records of the log that is verified (default: ${DEFAULT-VALUE})")
    private int verified;

    @Option(
            names = "--kill",
            paramLabel = "N",
            description = "instead: kill an appending process N times, and look for every record that it acknowledged")
    private Optional<Integer> kill = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        waiters.forEach(count -> options.within("--waiters", count, 1, 4096));
        options.within("--verified", verified, 1000, 10_000_000);
        Path home = folder.orElse(RunOptions.checkout().resolve("benchmarks/target"));
        if (kill.isPresent()) {
            return new AuditKills(home, options.within("--kill", kill.get(), 1, 1_000_000), options.seed()).run();
        }
        Duration measured = options.seconds("--seconds", seconds, 3, 1);
        int rounds = options.rounds(5, 2);
        long seed = options.seed();
        Instant started = Instant.now();
        try (TemporaryFolder temporary = TemporaryFolder.in(home);
                EventLoop loop = new EventLoop()) {
            return measure(temporary.path(), loop, measured, rounds, seed, started);
        }
    }

    private int measure(Path place, EventLoop loop, Duration measured, int rounds, long seed, Instant started)
            throws IOException, InterruptedException {
        Bench.say("writing and verifying " + verified + " records");
        double verifiedPerSecond = verify(place.resolve("verified"));
        List<String> order = new ArrayList<>();
        for (int count : waiters) {
            order.add(DEVICE + count);
            order.add(LOG + count);
        }
        List<String> names = List.copyOf(order);
        Random random = new Random(seed);
        List<AuditRound> done = new ArrayList<>();
        AuditLog.Settings settings = AuditLog.Settings.of("orders/bench").withBytesMax(64L << 30);
        int recordBytes;
        try (AuditLog log = AuditLog.open(place.resolve("log"), settings, Clock.systemUTC())) {
            Bench.say("warming up for " + 2 * measured.toSeconds() + " s");
            WaitersLoop.run(log, loop, JUDGED_WAITERS, measured, measured);
            recordBytes = (int) (log.usedBytes() / Math.max(1, log.recordsWritten()));
            for (int round = 1; round <= rounds; round++) {
                Collections.shuffle(order, random);
                Bench.say("round " + round + " of " + rounds + ": " + String.join(", ", order));
                done.add(round(place, log, loop, order, recordBytes, measured));
                log.shipping().received(log.durableNumber()); // Its files go.
            }
        }
        return report(started, seed, names, recordBytes, verifiedPerSecond, done);
    }

    private double verify(Path log) throws IOException, InterruptedException {
        Verification.write(log, verified);
        double best = 0;
        for (int i = 0; i < 5; i++) {
            best = Math.max(best, Verification.perSecond(log));
        }
        return best;
    }

    private static AuditRound round(
            Path place, AuditLog log, EventLoop loop, List<String> order, int recordBytes, Duration measured)
            throws IOException, InterruptedException {
        Duration warmUp = Duration.ofMillis(300);
        Map<String, Forces> results = new LinkedHashMap<>();
        Map<Integer, Fio.Said> fio = new LinkedHashMap<>();
        Noise noise = Noise.NONE;
        for (String name : order) {
            Account account = new Account(
                    List.of(new Part("bench", List.of(ProcessHandle.current().pid()))));
            account.begin();
            int count = Integer.parseInt(name.substring(name.indexOf(' ') + 1));
            if (name.startsWith(LOG)) {
                results.put(name, WaitersLoop.run(log, loop, count, warmUp, measured));
            } else {
                results.put(name, DeviceLoop.run(place, count, recordBytes, warmUp, measured));
                Fio.run(place, count, recordBytes, measured).ifPresent(said -> fio.put(count, said));
            }
            account.end();
            noise = noise.plus(account);
        }
        return new AuditRound(results, fio, noise);
    }

    private int report(
            Instant started,
            long seed,
            List<String> names,
            int recordBytes,
            double verifiedPerSecond,
            List<AuditRound> rounds)
            throws IOException {
        Comparison<AuditRound> comparison = new Comparison<>(names, rounds, List.of())
                .figure("records/s", 0, AuditRound::perSecond)
                .figure("p50, µs", 0, (round, name) -> round.micros(name, 50))
                .figure("p99, µs", 0, (round, name) -> round.micros(name, 99))
                .figure("p50 beyond the device's, µs", 0, AuditCommand::beyondDevice)
                .figure("fio: records/s", 0, (round, name) -> fio(round, name).map(Fio.Said::perSecond))
                .figure("fio: p50, µs", 0, (round, name) -> fio(round, name).map(Fio.Said::p50Micros));
        ObjectNode json = Report.begin("audit", options, started, seed, List.of());
        json.putObject("plan").put("recordBytes", recordBytes).put("verified", verified);
        json.put("verifiedPerSecondAndCore", verifiedPerSecond);
        ArrayNode array = json.putArray("rounds");
        rounds.forEach(round -> round.describe(array.addObject()));
        comparison.describe(json.putObject("summary"));
        System.out.println("records of " + recordBytes + " bytes; " + rounds.size() + " rounds, seed " + seed);
        comparison.lines().forEach(System.out::println);
        System.out.printf(
                Locale.ROOT, "verify: %.0f records/s/core of %d (goal: >= 200000)%n", verifiedPerSecond, verified);
        System.out.println("goals: log 16 >= 50000 records/s; p50 beyond the device's <= 500 µs");
        for (int i = 0; i < rounds.size(); i++) {
            AuditRound round = rounds.get(i);
            System.out.println("noise, round " + (i + 1) + ": "
                    + round.noise().text(round.measured().keySet()));
        }
        Report.write(options.json(started), json);
        return failures(rounds);
    }

    private static Optional<Double> beyondDevice(AuditRound round, String name) {
        if (!name.startsWith(LOG)) {
            return Optional.empty();
        }
        return round.micros(name, 50)
                .flatMap(log ->
                        round.micros(DEVICE + name.substring(LOG.length()), 50).map(device -> log - device));
    }

    private static Optional<Fio.Said> fio(AuditRound round, String name) {
        return name.startsWith(DEVICE)
                ? Optional.ofNullable(round.fio().get(Integer.valueOf(name.substring(DEVICE.length()))))
                : Optional.empty();
    }

    private static int failures(List<AuditRound> rounds) {
        long failed = rounds.stream()
                .flatMap(round -> round.measured().values().stream())
                .mapToLong(Forces::failed)
                .sum();
        if (failed > 0) {
            Bench.say(failed
                    + " records were not durable (expected: none): the disk took longer than the log's deadline");
            return Bench.FAILED;
        }
        return 0;
    }
}
