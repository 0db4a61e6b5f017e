package dev.sallyport.cli.tests;

import dev.sallyport.authoring.tests.Coverage;
import dev.sallyport.authoring.tests.Coverage.Item;
import dev.sallyport.authoring.tests.Coverage.Kind;
import dev.sallyport.authoring.tests.TestReport;
import dev.sallyport.authoring.tests.TestReport.Difference;
import dev.sallyport.authoring.tests.TestReport.Result;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.ExplanationLines;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A report for people: each failure as compilers print it, with why; the coverage; the sum. */
final class ReportLines {
    /** A longer list is what {@code --coverage} is for. */
    private static final int NAMED_MAX = 10;

    private final Invocation invocation;
    private final boolean table;

    /** {@code table}: every rule and denial, covered or not. */
    ReportLines(Invocation invocation, boolean table) {
        this.invocation = invocation;
        this.table = table;
    }

    List<String> of(TestReport report) {
        List<String> lines = new ArrayList<>();
        report.failed().forEach(result -> lines.addAll(failure(result)));
        if (table) {
            report.coverage().items().stream()
                    .filter(item -> item.kind() != Kind.ROUTE)
                    .forEach(item -> lines.add(row(item)));
        }
        int failed = report.failed().size();
        int passed = report.results().size() - failed;
        lines.add(invocation.paint(
                failed == 0 ? Colour.GOOD : Colour.BAD,
                Counted.of(report.results().size(), "test") + ": " + passed + " passed, " + failed + " failed"));
        lines.addAll(coverage(report.coverage()));
        return lines;
    }

    private List<String> failure(Result result) {
        List<String> lines = new ArrayList<>();
        lines.add(result.location() + ": " + invocation.paint(Colour.BAD, "failed") + " "
                + Table.visible(result.test() + "/" + result.name()) + ": "
                + Table.visible(
                        result.differences().stream().map(Difference::toString).collect(Collectors.joining("; "))));
        lines.add("  " + Table.visible(result.subject()));
        result.explanation().ifPresent(why -> lines.addAll(ExplanationLines.of(why, invocation)));
        return lines;
    }

    private String row(Item item) {
        String mark = item.covered() ? invocation.paint(Colour.GOOD, "✔") : invocation.paint(Colour.BAD, "✘");
        String what = item.kind() == Kind.RULE ? "rule" : "denial";
        return mark + " " + Table.padded(what, 7) + Table.padded(name(item), 48) + Counted.of(item.cases(), "case");
    }

    private static String name(Item item) {
        return item.name() + (item.shadow() ? " (dry run)" : "");
    }

    private static List<String> coverage(Coverage coverage) {
        List<String> lines = new ArrayList<>();
        lines.add("coverage " + coverage.percent() + " %: " + covered(coverage, Kind.RULE, "rule") + ", "
                + covered(coverage, Kind.DENIAL, "denial") + ", " + covered(coverage, Kind.ROUTE, "route"));
        List<String> untouched = coverage.items().stream()
                .filter(item -> !item.covered() && item.kind() != Kind.ROUTE)
                .map(ReportLines::name)
                .toList();
        if (!untouched.isEmpty()) {
            int more = untouched.size() - NAMED_MAX;
            lines.add("no case was decided by "
                    + String.join(", ", untouched.subList(0, Math.min(untouched.size(), NAMED_MAX)))
                    + (more > 0 ? ", and " + more + " more" : ""));
        }
        return lines;
    }

    private static String covered(Coverage coverage, Kind kind, String noun) {
        List<Item> all = coverage.of(kind);
        return all.stream().filter(Item::covered).count() + " of " + Counted.of(all.size(), noun);
    }
}
