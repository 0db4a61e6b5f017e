package dev.sallyport.server.records;

import dev.sallyport.audit.RecordField;
import java.time.Instant;
import java.util.Map;

/** A record as the index knows it. {@code index}: of its entry in the collected log; {@code time}: to the millisecond; {@code number}: in its stream. Values longer than 256 characters are cut. */
public record Found(long index, Instant time, long number, Map<RecordField, String> values) {
    public Found {
        values = Map.copyOf(values);
    }

    /** Of one field; {@code ""} where the record does not say. */
    public String value(RecordField field) {
        return values.getOrDefault(field, "");
    }
}
