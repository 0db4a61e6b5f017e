package dev.sallyport.cli.tests;

import dev.sallyport.authoring.tests.TestReport;
import dev.sallyport.authoring.tests.TestReport.Difference;
import dev.sallyport.authoring.tests.TestReport.Result;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A report as build servers read it: one suite for each PolicyTest. Has what Ant's schema of JUnit reports and Jenkins's both ask for, and nothing that either does not know. Times
 * are 0: a decision takes microseconds, and the elements ask for a number.
 */
final class JUnitXml {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);

    private final StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");

    private JUnitXml() {}

    /** {@code now}: when it ran. */
    static String of(TestReport report, Instant now) {
        Map<String, List<Result>> suites = report.results().stream()
                .collect(Collectors.groupingBy(Result::test, LinkedHashMap::new, Collectors.toList()));
        JUnitXml written = new JUnitXml();
        written.xml.append("<testsuites>\n");
        int id = 0;
        for (Map.Entry<String, List<Result>> suite : suites.entrySet()) {
            written.suite(suite.getKey(), suite.getValue(), id++, now);
        }
        written.xml.append("</testsuites>\n");
        return written.xml.toString();
    }

    private void suite(String name, List<Result> results, int id, Instant now) {
        long failures = results.stream().filter(result -> !result.passed()).count();
        xml.append("  <testsuite");
        attribute("package", "policy");
        attribute("id", String.valueOf(id));
        attribute("name", name);
        attribute("timestamp", SECONDS.format(now));
        attribute("hostname", "localhost");
        attribute("tests", String.valueOf(results.size()));
        attribute("failures", String.valueOf(failures));
        attribute("errors", "0");
        attribute("time", "0");
        xml.append(">\n    <properties/>\n");
        results.forEach(this::testCase);
        xml.append("    <system-out/>\n    <system-err/>\n  </testsuite>\n");
    }

    private void testCase(Result result) {
        xml.append("    <testcase");
        attribute("name", result.name());
        attribute("classname", "policy." + result.test());
        attribute("time", "0");
        if (result.passed()) {
            xml.append("/>\n");
            return;
        }
        String differences =
                result.differences().stream().map(Difference::toString).collect(Collectors.joining("; "));
        xml.append(">\n      <failure");
        attribute("message", differences);
        attribute("type", "expectation");
        xml.append('>');
        text(result.location() + "\n" + result.subject()
                + result.explanation().map(why -> "\n" + why.advice()).orElse(""));
        xml.append("</failure>\n    </testcase>\n");
    }

    private void attribute(String name, String value) {
        xml.append(' ').append(name).append("=\"");
        text(value);
        xml.append('"');
    }

    /** XML 1.0 section 2.2: most control characters cannot stand in a document, not even escaped. */
    private void text(String text) {
        text.codePoints().forEach(point -> {
            switch (point) {
                case '<' -> xml.append("&lt;");
                case '>' -> xml.append("&gt;");
                case '&' -> xml.append("&amp;");
                case '"' -> xml.append("&quot;");
                case '\t', '\n', '\r' -> xml.append("&#").append(point).append(';');
                default -> xml.appendCodePoint(isCharacter(point) ? point : '\uFFFD');
            }
        });
    }

    private static boolean isCharacter(int point) {
        return point >= 0x20 && (point < 0xD800 || point > 0xDFFF) && point != 0xFFFE && point != 0xFFFF;
    }
}
