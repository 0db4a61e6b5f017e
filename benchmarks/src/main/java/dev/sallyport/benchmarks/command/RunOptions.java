package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.pair.BackendProcess;
import dev.sallyport.benchmarks.pair.BenchMesh;
import dev.sallyport.benchmarks.pair.NginxPair;
import dev.sallyport.benchmarks.pair.Pair;
import dev.sallyport.benchmarks.pair.SallyportPair;
import dev.sallyport.benchmarks.pair.Workplace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that every command of the bench has: what is measured, how often, where the raw figures go. */
final class RunOptions {
    private static final List<String> KNOWN = List.of("direct", "nginx", "sallyport");

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "this text")
    private boolean help;

    @Option(names = "--quick", description = "fewer and shorter rounds: to see that it works, not to quote")
    boolean quick;

    @Option(names = "--rounds", paramLabel = "N", description = "each measures all configurations, in a new order")
    private Optional<Integer> rounds = Optional.empty();

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description = "of direct, nginx, sallyport; several with commas (default: all)")
    private List<String> only = KNOWN;

    @Option(
            names = "--beside",
            paramLabel = "DIR",
            description = "another checkout or unpacked archive, measured in the same run as configuration before")
    private Optional<Path> beside = Optional.empty();

    @Option(names = "--seed", paramLabel = "N", description = "of the orders (default: a new one)")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "where the raw figures go (default: benchmarks/target/bench-TIME.json)")
    private Optional<Path> json = Optional.empty();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    int rounds(int full, int quickly) {
        return within("--rounds", rounds.orElse(quick ? quickly : full), 1, 1000);
    }

    long seed() {
        return seed.orElseGet(System::nanoTime);
    }

    Path json(Instant started) {
        String time = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")
                .withZone(ZoneOffset.UTC)
                .format(started);
        return json.orElse(checkout().resolve("benchmarks/target/bench-" + time + ".json"));
    }

    int within(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw usage(option + ": " + value + " (expected: " + least + " to " + most + ")");
        }
        return value;
    }

    ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** The words of the command as it was called. */
    List<String> words() {
        return spec.commandLine().getParseResult().originalArgs();
    }

    static Path checkout() {
        return launcher().toAbsolutePath().getParent();
    }

    private static Path launcher() {
        return Path.of(System.getProperty("sallyport.launcher", "sallyport"));
    }

    /** Before anything is started. */
    void check() {
        for (String name : only) {
            if (!KNOWN.contains(name)) {
                throw usage("--only: " + name + " (expected: some of " + String.join(", ", KNOWN) + ")");
            }
        }
        if (beside.isPresent() && !Files.isExecutable(beside.get().resolve("sallyport"))) {
            throw usage("--beside: " + beside.get()
                    + " (expected: a checkout or an unpacked archive, with its launcher sallyport)");
        }
    }

    /** What can be measured on this machine; what cannot is said, and added to {@code leftOut}. */
    List<Pair.Starter> configurations(
            Workplace workplace, BenchMesh mesh, BackendProcess backend, List<String> leftOut) {
        List<Pair.Starter> configurations = new ArrayList<>();
        if (only.contains("direct")) {
            configurations.add(backend.direct());
        }
        if (only.contains("nginx")) {
            NginxPair.find()
                    .ifPresentOrElse(
                            binary -> configurations.add(new NginxPair(binary, workplace, mesh, backend.address())),
                            () -> {
                                leftOut.add("nginx");
                                Bench.say("nginx: not on this machine, left out (apt-get install nginx-light)");
                            });
        }
        beside.ifPresent(folder -> configurations.add(new SallyportPair(
                "before",
                folder.toAbsolutePath().normalize().resolve("sallyport"),
                workplace,
                mesh,
                backend.address())));
        if (only.contains("sallyport")) {
            configurations.add(new SallyportPair("sallyport", launcher(), workplace, mesh, backend.address()));
        }
        return configurations;
    }
}
