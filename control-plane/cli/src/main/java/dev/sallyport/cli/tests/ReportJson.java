package dev.sallyport.cli.tests;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.authoring.tests.Coverage;
import dev.sallyport.authoring.tests.TestReport;
import dev.sallyport.authoring.tests.TestReport.Result;
import dev.sallyport.cli.Invocation;
import java.util.Locale;

/** A report for programs. */
final class ReportJson {
    private ReportJson() {}

    static ObjectNode of(TestReport report) {
        ObjectNode json = Invocation.JSON.createObjectNode();
        int failed = report.failed().size();
        json.put("tests", report.results().size())
                .put("passed", report.results().size() - failed)
                .put("failed", failed);
        ArrayNode results = json.putArray("results");
        report.results().forEach(result -> result(results.addObject(), result));
        coverage(json.putObject("coverage"), report.coverage());
        return json;
    }

    private static void result(ObjectNode json, Result result) {
        json.put("kind", word(result.kind()))
                .put("test", result.test())
                .put("name", result.name())
                .put("file", result.location().file())
                .put("line", result.location().line())
                .put("column", result.location().column())
                .put("subject", result.subject())
                .put("passed", result.passed());
        ArrayNode differences = json.putArray("differences");
        result.differences()
                .forEach(difference -> differences
                        .addObject()
                        .put("what", difference.what())
                        .put("expected", difference.expected())
                        .put("actual", difference.actual()));
        result.explanation().ifPresent(why -> json.put("advice", why.advice()));
    }

    private static void coverage(ObjectNode json, Coverage coverage) {
        json.put("percent", coverage.percent());
        ArrayNode items = json.putArray("items");
        coverage.items()
                .forEach(item -> items.addObject()
                        .put("kind", word(item.kind()))
                        .put("name", item.name())
                        .put("dryRun", item.shadow())
                        .put("cases", item.cases()));
    }

    private static String word(Enum<?> kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
