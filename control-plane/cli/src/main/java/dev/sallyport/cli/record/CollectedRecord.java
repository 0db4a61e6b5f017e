package dev.sallyport.cli.record;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.sallyport.audit.AuditReader.StoredRecord;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A decision's record out of the collected log. */
final class CollectedRecord {
    private static final ObjectReader READER = Invocation.JSON
            .readerFor(new TypeReference<Map<String, Object>>() {})
            .with(DeserializationFeature.USE_LONG_FOR_INTS)
            .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION);

    private CollectedRecord() {}

    /** Of how the request ended, at the called side where that was asked for by the caller's; {@code notes} says so. */
    static Recorded judged(CollectedRecords records, String id, List<String> notes) throws CliException {
        RecordRow row = records.byId(id).getLast();
        if (row.text("direction").equals("outbound") && row.text("decision").equals("allow")) {
            List<RecordRow> inbound = new OtherSide(records).of(row);
            notes.add(
                    inbound.isEmpty()
                            ? "this is the caller's side; the called side's record is not in the collected log"
                            : "the record asked for is the caller's side; this is the decision of the called side");
            row = inbound.isEmpty() ? row : inbound.getFirst();
        }
        notes.add("out of the collected log, entry " + row.index());
        return recorded(row);
    }

    static Recorded recorded(RecordRow row) throws CliException {
        try {
            Map<String, Object> fields = READER.readValue(row.entry());
            return new Recorded(new StoredRecord(Path.of("collected-log"), row.index(), fields));
        } catch (IOException e) {
            // The parser's message would quote the record.
            throw new CliException(
                    ExitCode.UNVERIFIED,
                    "entry " + row.index() + " of the collected log: not a record (expected: JSON)");
        }
    }
}
