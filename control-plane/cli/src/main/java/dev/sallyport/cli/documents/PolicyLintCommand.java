package dev.sallyport.cli.documents;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.authoring.Finding;
import dev.sallyport.authoring.Lint;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code policy lint}: everything that is wrong or doubtful in a set of documents, with its place. Asks nobody. */
@Command(description = "Checks documents: everything that is wrong or doubtful, with file, line and column.")
public final class PolicyLintCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description = "files, or folders of *.yaml, *.yml and *.json; together they are one set")
    private List<Path> paths;

    @Option(names = "--exit-code", description = "end with 5 when there are warnings only")
    private boolean exitCode;

    public PolicyLintCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws IOException {
        Invocation.Format format =
                invocation.format(Invocation.Format.TABLE, Invocation.Format.JSON, Invocation.Format.GITHUB);
        List<Source> sources = new ArrayList<>();
        for (Path path : paths) {
            sources.addAll(Source.read(path));
        }
        List<Finding> findings = Lint.check(sources, Instant.now());
        switch (format) {
            case JSON -> invocation.print(json(findings));
            case GITHUB -> findings.forEach(finding -> invocation.print(annotation(finding)));
            case TABLE, YAML -> findings.forEach(finding -> invocation.print(line(finding)));
        }
        long errors = count(findings, Finding.Severity.ERROR);
        long warnings = count(findings, Finding.Severity.WARNING);
        invocation.say(Counted.of(sources.size(), "file") + ", " + Counted.of(errors, "error") + ", "
                + Counted.of(warnings, "warning"));
        if (errors > 0) {
            return ExitCode.INVALID.number();
        }
        return (warnings > 0 && exitCode ? ExitCode.FINDINGS : ExitCode.OK).number();
    }

    private static long count(List<Finding> findings, Finding.Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .count();
    }

    private static String word(Finding finding) {
        return finding.severity().name().toLowerCase(Locale.ROOT);
    }

    /** As compilers print it, so that editors jump there. */
    private String line(Finding finding) {
        Problem problem = finding.problem();
        Colour colour = finding.severity() == Finding.Severity.ERROR ? Colour.BAD : Colour.DOUBTFUL;
        return problem.location() + ": " + invocation.paint(colour, word(finding)) + " " + problem.code() + " "
                + text(problem);
    }

    private static String text(Problem problem) {
        return (problem.path().isEmpty() ? "" : problem.path() + ": ") + problem.message();
    }

    private static ObjectNode json(List<Finding> findings) {
        ObjectNode json = Invocation.JSON.createObjectNode();
        ArrayNode list = json.putArray("findings");
        for (Finding finding : findings) {
            Problem problem = finding.problem();
            list.addObject()
                    .put("severity", word(finding))
                    .put("code", problem.code())
                    .put("file", problem.location().file())
                    .put("line", problem.location().line())
                    .put("column", problem.location().column())
                    .put("path", problem.path())
                    .put("message", problem.message());
        }
        return json;
    }

    /** A workflow command: GitHub shows it at the line. In properties {@code :} and {@code ,} are escaped too. */
    private static String annotation(Finding finding) {
        Problem problem = finding.problem();
        String file = escaped(problem.location().file()).replace(":", "%3A").replace(",", "%2C");
        return "::" + word(finding) + " file=" + file + ",line="
                + problem.location().line() + ",col=" + problem.location().column() + ",title=" + problem.code() + "::"
                + escaped(text(problem));
    }

    private static String escaped(String text) {
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
    }
}
