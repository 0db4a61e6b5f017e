package dev.sallyport.cli.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.audit.AuditFields;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code audit show}: one record with all its fields, and what the sidecar on the other side of the call wrote. */
@Command(
        description =
                "Shows a record of the collected log with all its fields, and the other side's record of the same call.")
public final class AuditShowCommand implements Callable<Integer> {
    private static final int LABEL = 32;

    private final Invocation invocation;

    @Parameters(
            paramLabel = "ID",
            description = "a record's id: the decisionId of a denial, or the last column of audit search")
    private String id;

    public AuditShowCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException, IOException {
        boolean json = invocation.json();
        try (ControlPlaneApi api = invocation.api()) {
            CollectedRecords records = new CollectedRecords(api);
            List<RecordRow> rows = records.byId(id);
            List<RecordRow> other = new OtherSide(records).of(rows.getLast());
            if (json) {
                ObjectNode answer = Invocation.JSON.createObjectNode();
                add(answer.putArray("records"), rows);
                add(answer.putArray("otherSide"), other);
                invocation.print(RecordRow.ascii(answer));
            } else {
                for (RecordRow row : rows) {
                    print(row, "");
                }
                for (RecordRow row : other) {
                    print(row, "the other side of the call: ");
                }
                if (other.isEmpty() && rows.getLast().text("event").equals("request")) {
                    invocation.say(
                            "the other side of this call is not on record: a caller or a service without a sidecar, or its record is missing");
                }
            }
        }
        return 0;
    }

    private static void add(ArrayNode list, List<RecordRow> rows) throws IOException {
        for (RecordRow row : rows) {
            list.addObject()
                    .put("index", row.index())
                    .put("stream", row.text("stream"))
                    .set("record", Invocation.JSON.readTree(row.entry()));
        }
    }

    private void print(RecordRow row, String what) throws IOException {
        String stream = row.text("stream");
        invocation.print(invocation.paint(
                Colour.STRONG,
                what + "entry " + row.index() + " of the log"
                        + (stream.isEmpty() ? "" : ", number " + row.text("number") + " of " + Table.visible(stream))));
        invocation.print("  " + Table.padded("time", LABEL) + Table.visible(row.text("time")));
        JsonNode record = Invocation.JSON.readTree(row.entry());
        record.properties().forEach(member -> {
            if (!member.getKey().equals(AuditFields.TIMESTAMP)) {
                String value = member.getValue().isValueNode()
                        ? member.getValue().asText()
                        : RecordRow.ascii(member.getValue());
                invocation.print("  " + Table.padded(Table.visible(member.getKey()), LABEL) + Table.visible(value));
            }
        });
    }
}
