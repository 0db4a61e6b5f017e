package dev.sallyport.cli.tests;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.authoring.tests.PolicyTests;
import dev.sallyport.authoring.tests.TestReport;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code policy test}: runs the PolicyTests that stand beside the policies. Asks nobody. */
@Command(description = "Runs the tests beside the policies, offline, and says which rules they cover.")
public final class PolicyTestCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Parameters(
            arity = "0..*",
            paramLabel = "PATH",
            defaultValue = ".",
            description = "files, or folders of *.yaml, *.yml and *.json; together they are one set (default: here)")
    private List<Path> paths;

    @Option(names = "--filter", paramLabel = "TEXT", description = "only what has it in test/name, in any case")
    private Optional<String> filter = Optional.empty();

    @Option(names = "--coverage", description = "list every rule and denial with the number of cases that it decided")
    private boolean coverage;

    @Option(
            names = "--min-coverage",
            paramLabel = "PERCENT",
            description = "end with 4 when fewer of the rules and denials decided a case")
    private Optional<Integer> minCoverage = Optional.empty();

    @Option(names = "--watch", description = "run again whenever a file changes, until Ctrl-C")
    private boolean watch;

    @Option(names = "--junit", paramLabel = "FILE", description = "write the results as JUnit XML, too")
    private Optional<Path> junit = Optional.empty();

    public PolicyTestCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException, IOException, InvalidDocumentException {
        boolean json = invocation.json();
        if (minCoverage.isPresent() && (minCoverage.get() < 0 || minCoverage.get() > 100)) {
            throw invocation.usage("--min-coverage: " + minCoverage.get() + " (expected: 0..100)");
        }
        if (!watch) {
            return run(Source.readAll(paths), json).number();
        }
        return new Watch(invocation, paths).each(sources -> run(sources, json)).number();
    }

    private ExitCode run(List<Source> sources, boolean json)
            throws CliException, IOException, InvalidDocumentException {
        Instant now = Instant.now();
        TestReport report = report(WorkingTree.load(sources, now), now);
        if (junit.isPresent()) {
            Files.writeString(junit.get(), JUnitXml.of(report, now));
        }
        if (json) {
            invocation.print(ReportJson.of(report));
        } else {
            new ReportLines(invocation, coverage).of(report).forEach(invocation::print);
        }
        int percent = report.coverage().percent();
        boolean uncovered = minCoverage.isPresent() && percent < minCoverage.get();
        if (uncovered) {
            invocation.say("coverage: " + percent + " % (expected: at least " + minCoverage.get() + " %)");
        }
        return uncovered || !report.failed().isEmpty() ? ExitCode.TESTS_FAILED : ExitCode.OK;
    }

    /** Nothing proven is not proven: a pipeline whose tests got lost must not stay green. */
    private TestReport report(WorkingTree tree, Instant now) throws CliException {
        if (tree.tests().isEmpty()) {
            throw new CliException(
                    ExitCode.TESTS_FAILED,
                    "no test in " + paths.stream().map(Path::toString).collect(Collectors.joining(", "))
                            + " (expected: at least one document of kind PolicyTest)");
        }
        String wanted = filter.orElse("").toLowerCase(Locale.ROOT);
        TestReport report = PolicyTests.run(
                tree.set(),
                tree.tests(),
                now,
                name -> name.toLowerCase(Locale.ROOT).contains(wanted));
        if (report.results().isEmpty()) {
            throw new CliException(
                    ExitCode.USAGE,
                    "--filter: " + filter.orElse("") + ": in no name (expected: a part of test/case, as "
                            + tree.tests().getFirst().name() + "/…)");
        }
        return report;
    }
}
