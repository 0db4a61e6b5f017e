package dev.sallyport.cli.documents;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.authoring.Finding;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.Invocation;
import dev.sallyport.document.Problem;
import java.util.List;
import java.util.Locale;

/** Findings as people, scripts and other tools read them. */
final class FindingReport {
    private final Invocation invocation;

    FindingReport(Invocation invocation) {
        this.invocation = invocation;
    }

    void print(List<Finding> findings, Invocation.Format format) {
        switch (format) {
            case JSON -> invocation.print(json(findings));
            case SARIF -> invocation.print(Sarif.of(findings));
            case GITHUB -> findings.forEach(finding -> invocation.print(annotation(finding)));
            case TABLE, YAML, JSONL, WIDE, SHORT -> findings.forEach(finding -> invocation.print(line(finding)));
        }
    }

    /** {@code error} or {@code warning}: in every format, SARIF's levels too. */
    static String word(Finding finding) {
        return finding.severity().name().toLowerCase(Locale.ROOT);
    }

    static String text(Problem problem) {
        return (problem.path().isEmpty() ? "" : problem.path() + ": ") + problem.message();
    }

    /** As compilers print it, so that editors jump there. */
    private String line(Finding finding) {
        Problem problem = finding.problem();
        Colour colour = finding.severity() == Finding.Severity.ERROR ? Colour.BAD : Colour.DOUBTFUL;
        return problem.location() + ": " + invocation.paint(colour, word(finding)) + " " + problem.code() + " "
                + text(problem);
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
