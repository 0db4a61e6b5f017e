package dev.sallyport.cli.documents;

import dev.sallyport.authoring.Finding;
import dev.sallyport.authoring.Lint;
import dev.sallyport.authoring.format.Repair;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code policy lint}: everything that is wrong or doubtful in a set of documents, with its place. Asks nobody. */
@Command(
        description =
                "Checks documents: everything that is wrong or doubtful, with file, line and column. -o table, json,"
                        + " github (annotations) or sarif; sallyport docs CODE explains.")
public final class PolicyLintCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description = "files, or folders of *.yaml, *.yml and *.json; together they are one set")
    private List<Path> paths;

    @Option(
            names = "--fix",
            description =
                    "first mend what can only have been meant in one way: the form (as policy fmt does), mistyped keys,"
                            + " items that stand twice")
    private boolean fix;

    @Option(names = "--exit-code", description = "end with 5 when there are warnings only")
    private boolean exitCode;

    public PolicyLintCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException, IOException {
        Invocation.Format format = invocation.format(
                Invocation.Format.TABLE, Invocation.Format.JSON, Invocation.Format.GITHUB, Invocation.Format.SARIF);
        List<Source> sources = new ArrayList<>();
        for (Path path : paths) {
            for (Source source : Source.read(path)) {
                sources.add(fix ? mended(source) : source);
            }
        }
        List<Finding> findings = Lint.check(sources, Instant.now());
        new FindingReport(invocation).print(findings, format);
        long errors = count(findings, Finding.Severity.ERROR);
        long warnings = count(findings, Finding.Severity.WARNING);
        invocation.say(Counted.of(sources.size(), "file") + ", " + Counted.of(errors, "error") + ", "
                + Counted.of(warnings, "warning"));
        if (errors > 0) {
            return ExitCode.INVALID.number();
        }
        return (warnings > 0 && exitCode ? ExitCode.FINDINGS : ExitCode.OK).number();
    }

    /** What is left alone is so for a problem that lint names, or because it is JSON. */
    private Source mended(Source source) throws CliException, IOException {
        Optional<Repair.Repaired> repaired = Repair.of(source);
        if (repaired.isEmpty() || repaired.get().text().equals(source.text())) {
            return source;
        }
        Rewriting.replace(source, repaired.get().text());
        repaired.get().changes().forEach(change -> invocation.say("fixed: " + change));
        invocation.say("fixed: " + source.name() + ": formatted");
        return new Source(source.name(), repaired.get().text());
    }

    private static long count(List<Finding> findings, Finding.Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .count();
    }
}
