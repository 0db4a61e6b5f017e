package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.pair.BackendProcess;
import dev.sallyport.benchmarks.pair.BenchMesh;
import dev.sallyport.benchmarks.pair.NginxPair;
import dev.sallyport.benchmarks.pair.ObservedPair;
import dev.sallyport.benchmarks.pair.Pair;
import dev.sallyport.benchmarks.pair.SallyportPair;
import dev.sallyport.benchmarks.pair.Workplace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which configurations are measured, of those commands that compare pairs. */
final class PairOptions {
    private static final List<String> USUAL = List.of("direct", "nginx", "sallyport");
    /** Sallyport with all on by which it is seen from outside, one request of a hundred traced, or each. */
    private static final String OBSERVED = "observed";

    private static final String TRACED = "traced";
    private static final List<String> KNOWN = List.of("direct", "nginx", "sallyport", OBSERVED, TRACED);

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description =
                    "of direct, nginx, sallyport, observed (metrics scraped, access log, 1 %% of the requests traced), traced (the same, every request traced); several with commas (default: the first three)")
    private List<String> only = List.of();

    @Option(
            names = "--beside",
            paramLabel = "DIR",
            description = "another checkout or unpacked archive, measured in the same run as configuration before")
    private Optional<Path> beside = Optional.empty();

    /** Before anything is started. */
    void check(RunOptions options) {
        check(options, USUAL);
    }

    /** {@code usual}: what is measured unless {@code --only} says otherwise. */
    void check(RunOptions options, List<String> usual) {
        only = only.isEmpty() ? usual.stream().filter(KNOWN::contains).toList() : options.some("--only", only, KNOWN);
        if (beside.isPresent() && !Files.isExecutable(beside.get().resolve("sallyport"))) {
            throw options.usage("--beside: " + beside.get()
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
        SallyportPair sallyport =
                new SallyportPair("sallyport", RunOptions.launcher(), workplace, mesh, backend.address());
        if (only.contains("sallyport")) {
            configurations.add(sallyport);
        }
        if (only.contains(OBSERVED)) {
            configurations.add(new ObservedPair(OBSERVED, sallyport, 0.01));
        }
        if (only.contains(TRACED)) {
            configurations.add(new ObservedPair(TRACED, sallyport, 1));
        }
        return configurations;
    }
}
