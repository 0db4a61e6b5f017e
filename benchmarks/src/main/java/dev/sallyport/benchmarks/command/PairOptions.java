package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.pair.BackendProcess;
import dev.sallyport.benchmarks.pair.BenchMesh;
import dev.sallyport.benchmarks.pair.Catalogue;
import dev.sallyport.benchmarks.pair.Pair;
import dev.sallyport.benchmarks.pair.SallyportPair;
import dev.sallyport.benchmarks.pair.Site;
import dev.sallyport.benchmarks.pair.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Which configurations are measured, of those commands that compare pairs. */
final class PairOptions {
    private static final String DIRECT = "direct";
    private static final List<String> KNOWN =
            Stream.concat(Stream.of(DIRECT), Catalogue.NAMES.stream()).toList();

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description = {
                "several with commas, of: direct, no proxy; relay, nginx moving bytes in TLS; nginx; haproxy; envoy,"
                        + " all three mutual TLS only; envoy-full, with token, 20 policies and access log; envoy-uncached,"
                        + " its tokens not remembered; envoy-200, envoy-1000, more policies; sallyport-minimal, one rule"
                        + " without a user; sallyport, with token, 20 rules, record and metrics; sallyport-200,"
                        + " sallyport-1000, sallyport-10000, more rules; sallyport-overlapped, sallyport-required, the"
                        + " record's levels; sallyport-uring, on io_uring; sallyport-small, the launcher's small profile;"
                        + " observed, metrics scraped, access log, 1 %% of the requests traced; traced,"
                        + " the same, every request traced",
                "(default: those that tell most of what this command measures; the table names them)"
            })
    private List<String> only = List.of();

    @Option(
            names = "--beside",
            paramLabel = "DIR",
            description = "another checkout or unpacked archive, measured in the same run as configuration before")
    private Optional<Path> beside = Optional.empty();

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "1",
            description = "of each proxy: processes, threads, event loops; 1 or 2 (default: ${DEFAULT-VALUE})")
    private int workers;

    /** Before anything is started. {@code usual}: what is measured unless {@code --only} says otherwise. */
    void check(RunOptions options, List<String> usual) {
        only = only.isEmpty() ? usual.stream().filter(KNOWN::contains).toList() : options.some("--only", only, KNOWN);
        options.within("--workers", workers, 1, 2);
        if (beside.isPresent() && !Files.isExecutable(beside.get().resolve("sallyport"))) {
            throw options.usage("--beside: " + beside.get()
                    + " (expected: a checkout or an unpacked archive, with its launcher sallyport)");
        }
    }

    /** What can be measured on this machine; what cannot is said, and added to {@code leftOut}. */
    List<Pair.Starter> configurations(Workplace workplace, BenchMesh mesh, BackendProcess backend, List<String> leftOut)
            throws IOException {
        Site site = new Site(workplace, mesh, backend.address(), workers);
        Catalogue catalogue = new Catalogue(site, RunOptions.launcher());
        List<Pair.Starter> configurations = new ArrayList<>();
        if (only.contains(DIRECT)) {
            configurations.add(backend.direct());
        }
        beside.ifPresent(folder -> configurations.add(
                new SallyportPair("before", folder.toAbsolutePath().normalize().resolve("sallyport"), site)));
        for (String name : only.stream().filter(Catalogue.NAMES::contains).toList()) {
            switch (catalogue.of(name)) {
                case Catalogue.Entry.Runs(Pair.Starter starter) -> configurations.add(starter);
                case Catalogue.Entry.Missing(String advice) -> {
                    leftOut.add(name);
                    Bench.say(name + ": left out, " + advice);
                }
            }
        }
        return configurations;
    }
}
