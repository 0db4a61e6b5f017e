package dev.sallyport.cli.record;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditReader;
import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.authoring.impact.Impact;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code policy impact}: what documents would have done to requests that are on record. */
@Command(
        description = {
            "Takes recorded decisions again with these documents: newly denied, newly allowed, cannot judge and why.",
            "  policy impact DIR --records state/payment    a sidecar's state folder, an audit log, or a folder above"
        })
public final class ImpactCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Parameters(arity = "1..*", paramLabel = "PATH", description = "the documents: files and folders")
    private List<Path> paths;

    @Option(
            names = "--records",
            required = true,
            arity = "1..*",
            paramLabel = "PATH",
            description = "audit logs, or folders above some; the called side's records are replayed")
    private List<Path> records;

    @Option(names = "--exit-code", description = "end with 5 when anything would be decided otherwise")
    private boolean exitCode;

    public ImpactCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws IOException, InvalidDocumentException {
        boolean json = invocation.json();
        List<Source> sources = Source.readAll(paths);
        Impact impact = replay(WorkingTree.load(sources, Instant.now()).set());
        if (json) {
            invocation.print(json(impact));
        } else {
            print(impact);
        }
        long cannot =
                impact.unjudged().values().stream().mapToLong(Long::longValue).sum();
        invocation.say("replayed " + Counted.of(impact.replayed(), "decision") + ": " + impact.same()
                + " as before, " + Counted.of(impact.changed().size(), "edge") + " otherwise, " + cannot
                + " cannot be judged");
        return (exitCode && !impact.changed().isEmpty() ? ExitCode.FINDINGS : ExitCode.OK).number();
    }

    private Impact replay(DocumentSet documents) throws IOException {
        Impact impact = new Impact(documents);
        try {
            for (Path path : records) {
                AuditReader.forEach(path, stored -> {
                    Recorded recorded = new Recorded(stored);
                    if (recorded.inbound() && !recorded.intent() && decidedByRules(recorded)) {
                        impact.replay(replayed(recorded, documents));
                    }
                });
            }
        } catch (UncheckedIOException unreadable) {
            throw unreadable.getCause();
        }
        return impact;
    }

    private static ReplayedRecord replayed(Recorded recorded, DocumentSet documents) {
        try {
            return ReplayedRecord.of(recorded, documents);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Not by framing, by a limit or by what came after. */
    private static boolean decidedByRules(Recorded recorded) {
        return recorded.text(AuditFields.RULE).isPresent()
                || recorded.text(AuditFields.OBSERVED).isPresent()
                || recorded.reason().equals(Reason.NO_ROUTE.code())
                || (RecordAccount.isOfPolicy(recorded) && !recorded.reason().equals(Reason.ALLOWED.code()));
    }

    private void print(Impact impact) {
        Table table = new Table("", "CALLER", "SERVICE", "REQUEST", "WHY", "REQUESTS", "FIRST", "LAST");
        impact.changed()
                .forEach((edge, tally) -> table.row(
                        edge.allowed() ? "newly ALLOWED" : "newly DENIED",
                        edge.caller(),
                        edge.service(),
                        edge.request(),
                        edge.why(),
                        Long.toString(tally.requests()),
                        tally.first().toString(),
                        tally.last().toString()));
        if (!impact.changed().isEmpty()) {
            invocation.print(table);
        }
        for (Map.Entry<String, Long> why : impact.unjudged().entrySet()) {
            invocation.print(invocation.paint(Colour.DOUBTFUL, "cannot judge") + "  "
                    + Counted.of(why.getValue(), "request") + ": " + Table.visible(why.getKey()));
        }
    }

    private static ObjectNode json(Impact impact) {
        ObjectNode json = Invocation.JSON
                .createObjectNode()
                .put("replayed", impact.replayed())
                .put("same", impact.same());
        ArrayNode edges = json.putArray("edges");
        impact.changed()
                .forEach((edge, tally) -> edges.addObject()
                        .put("decision", edge.allowed() ? "allow" : "deny")
                        .put("caller", edge.caller())
                        .put("service", edge.service())
                        .put("request", edge.request())
                        .put("why", edge.why())
                        .put("requests", tally.requests())
                        .put("first", tally.first().toString())
                        .put("last", tally.last().toString()));
        ArrayNode unjudged = json.putArray("cannotJudge");
        impact.unjudged()
                .forEach((why, requests) -> unjudged.addObject().put("why", why).put("requests", requests));
        return json;
    }
}
