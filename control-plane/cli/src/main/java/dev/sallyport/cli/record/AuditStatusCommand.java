package dev.sallyport.cli.record;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.Times;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code audit status}: how the collected log stands, and which streams are in it. */
@Command(description = "Shows how the collected log stands: its size, its checkpoint, who cosigns it, and its streams.")
public final class AuditStatusCommand implements Callable<Integer> {
    private final Invocation invocation;

    public AuditStatusCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        JsonNode status;
        try (ControlPlaneApi api = invocation.api()) {
            status = new CollectedRecords(api).status();
        }
        if (json) {
            invocation.print(RecordRow.ascii(status));
        } else {
            print(status, Instant.now());
        }
        return 0;
    }

    private void print(JsonNode status, Instant now) {
        JsonNode checkpoint = status.path("checkpoint");
        invocation.print(text(status, "origin") + ": "
                + Counted.of(status.path("size").asLong(), "leaf").replace("leafs", "leaves")
                + (status.path("pending").asLong() > 0
                        ? ", " + status.path("pending").asLong() + " more on their way"
                        : "")
                + (status.path("pruned").asLong() > 0
                        ? ", pruned below " + status.path("pruned").asLong()
                        : ""));
        invocation.print(
                checkpoint.isObject()
                        ? "checkpoint of " + checkpoint.path("size").asLong() + ", root " + text(checkpoint, "root")
                                + (checkpoint.has("at")
                                        ? ", signed " + Times.relative(text(checkpoint, "at"), now)
                                        : "")
                        : "no checkpoint yet");
        status.path("keys").forEach(key -> invocation.print("key " + Table.visible(key.asText())));
        witnesses(status.path("witnesses"));
        String problem = status.path("problem").asText("");
        if (!problem.isEmpty()) {
            invocation.print(invocation.paint(Colour.BAD, "×") + " " + Table.visible(problem));
        }
        long findings = status.path("findings").asLong();
        invocation.print(invocation.paint(findings == 0 ? Colour.GOOD : Colour.DOUBTFUL, findings == 0 ? "√" : "!")
                + " " + Counted.of(findings, "open finding") + (findings == 0 ? "" : ": see sallyport audit findings"));
        copies(status.path("copies"));
        invocation.print("");
        Table table = new Table("STREAM", "RECORDS", "SINCE", "NEWEST", "IDENTITY");
        for (JsonNode stream : status.path("streams")) {
            table.row(
                    text(stream, "stream"),
                    text(stream, "records"),
                    Times.relative(text(stream, "since"), now),
                    Times.relative(text(stream, "newest"), now)
                            + (stream.path("ended").asBoolean() ? ", ended" : ""),
                    text(stream, "identity"));
        }
        invocation.print(table);
    }

    private void copies(JsonNode copies) {
        for (JsonNode copy : copies) {
            boolean well = !copy.hasNonNull("problem")
                    && copy.path("gaps").asLong() == 0
                    && copy.path("refused").asLong() == 0;
            boolean stands = copy.hasNonNull("problem");
            invocation.print(invocation.paint(
                            stands ? Colour.BAD : well ? Colour.GOOD : Colour.DOUBTFUL, stands ? "×" : well ? "√" : "!")
                    + " copy " + text(copy, "name") + " (" + text(copy, "kind") + "): "
                    + copy.path("lagRecords").asLong() + " behind"
                    + (copy.path("lagSeconds").asDouble() >= 1
                            ? ", " + Math.round(copy.path("lagSeconds").asDouble()) + " s"
                            : "")
                    + counted(copy, "refused", " refused")
                    + counted(copy, "gaps", " gaps")
                    + counted(copy, "missing", " missing"));
            if (stands) {
                invocation.print("  " + text(copy, "problem"));
            }
        }
    }

    private static String counted(JsonNode copy, String name, String word) {
        long count = copy.path(name).asLong();
        return count == 0 ? "" : ", " + count + word;
    }

    private void witnesses(JsonNode witnesses) {
        List<String> configured = texts(witnesses.path("configured"));
        if (configured.isEmpty()) {
            invocation.print(invocation.paint(Colour.DOUBTFUL, "!")
                    + " no witness: whoever runs the control plane could rewrite the log unseen");
            return;
        }
        List<String> cosigned = texts(witnesses.path("cosigned"));
        long quorum = witnesses.path("quorum").asLong();
        boolean enough = cosigned.size() >= quorum;
        invocation.print(invocation.paint(enough ? Colour.GOOD : Colour.BAD, enough ? "√" : "×") + " cosigned by "
                + cosigned.size() + " of "
                + Counted.of(configured.size(), "witness").replace("witnesss", "witnesses") + " (" + quorum + " must): "
                + String.join(", ", configured));
        texts(witnesses.path("problems")).forEach(problem -> invocation.print("  " + problem));
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(Table.visible(text.asText())));
        return texts;
    }

    private static String text(JsonNode object, String name) {
        return Table.visible(object.path(name).asText(""));
    }
}
