package dev.sallyport.cli.documents;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.authoring.Finding;
import dev.sallyport.authoring.codes.CodePage;
import dev.sallyport.authoring.codes.CodePages;
import dev.sallyport.cli.Invocation;
import dev.sallyport.document.Location;
import dev.sallyport.document.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;

/** Findings as a SARIF 2.1.0 log (OASIS Standard): what code scanning of forges and editors reads. The rules are the pages of every code that lint has. */
final class Sarif {
    private static final String SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

    private Sarif() {}

    static ObjectNode of(List<Finding> findings) {
        ObjectNode log = Invocation.JSON.createObjectNode();
        log.put("$schema", SCHEMA).put("version", "2.1.0");
        ObjectNode run = log.putArray("runs").addObject();
        ObjectNode driver = run.putObject("tool").putObject("driver");
        driver.put("name", "sallyport policy lint").put("version", Invocation.version());
        ArrayNode rules = driver.putArray("rules");
        CodePages.ofDocuments().forEach(page -> rule(rules.addObject(), page));
        run.put("columnKind", "unicodeCodePoints");
        ArrayNode results = run.putArray("results");
        findings.forEach(finding -> result(results.addObject(), finding));
        return log;
    }

    private static void rule(ObjectNode rule, CodePage page) {
        rule.put("id", page.code());
        rule.putObject("shortDescription").put("text", page.title());
        rule.putObject("fullDescription").put("text", page.means());
        StringBuilder text = new StringBuilder(page.means());
        StringBuilder markdown = new StringBuilder(page.means());
        page.wrong().ifPresent(example -> {
            text.append("\n\nTriggers it:\n").append(example);
            markdown.append("\n\nTriggers it:\n```yaml\n").append(example).append("```");
        });
        page.right().ifPresent(example -> {
            text.append("\n\nInstead:\n").append(example);
            markdown.append("\n\nInstead:\n```yaml\n").append(example).append("```");
        });
        rule.putObject("help").put("text", text.toString()).put("markdown", markdown.toString());
    }

    private static void result(ObjectNode result, Finding finding) {
        Problem problem = finding.problem();
        result.put("ruleId", problem.code()).put("level", FindingReport.word(finding));
        result.putObject("message").put("text", FindingReport.text(problem));
        ObjectNode location = result.putArray("locations").addObject();
        Location place = problem.location();
        ObjectNode physical = location.putObject("physicalLocation");
        physical.putObject("artifactLocation").put("uri", uri(place.file()));
        physical.putObject("region").put("startLine", place.line()).put("startColumn", place.column());
        if (!problem.path().isEmpty()) {
            location.putArray("logicalLocations").addObject().put("fullyQualifiedName", problem.path());
        }
    }

    /** Relative stays relative, as forges want it: to the folder in which the command runs. RFC 3986 section 4.2: the first segment has no colon. */
    static String uri(String file) {
        Path path = Path.of(file);
        if (path.isAbsolute()) {
            return path.toUri().toString();
        }
        try {
            String relative =
                    new URI(null, null, "/" + file, null).toASCIIString().substring(1);
            return relative.indexOf(':') < 0 ? relative : "./" + relative;
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException("every path can be encoded", impossible);
        }
    }
}
