package dev.sallyport.audit.export;

import dev.sallyport.audit.AuditFields;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What OCSF 1.9 has for an entry of the log: an event, or no class. */
public sealed interface OcsfEvent {
    /** {@code members}: the event, in order. */
    record Event(Map<String, Object> members) implements OcsfEvent {
        /** On one line, in printable ASCII, without line feed. */
        public String line() {
            return new String(JsonText.bytes(members), StandardCharsets.US_ASCII);
        }
    }

    /** Nothing of OCSF fits: what the log says of itself, what has not ended yet, TCP streams. {@code event}: the entry's name. */
    record NoClass(String event) implements OcsfEvent {}

    /** {@code fields}: as on disk; {@code stream}: of the sidecar's log, may be empty. */
    static OcsfEvent of(Map<String, Object> fields, String stream) {
        Object event = fields.getOrDefault(AuditFields.EVENT_NAME, "");
        return event.equals(AuditFields.EVENT_REQUEST) || event.equals(AuditFields.EVENT_CONNECTION)
                ? new Event(OcsfHttpActivity.of(fields, stream))
                : new NoClass(event.toString());
    }

    /** As {@link #of(Map, String)}; a copy's own notices are base events (class 0), so that a gap can be seen there, too. */
    static OcsfEvent of(ExportRecord record) {
        return record.isNotice() ? new Event(notice(record)) : of(record.fields(), record.stream());
    }

    private static Map<String, Object> notice(ExportRecord record) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("class_uid", 0);
        event.put("category_uid", 0);
        event.put("activity_id", 99);
        event.put("activity_name", record.event());
        event.put("type_uid", 99);
        event.put("severity_id", 3);
        event.put("time", record.nanos() / 1_000_000);
        event.put(
                "message",
                record.event() + ": entries from " + record.index() + " to before "
                        + record.fields().get(ExportRecord.BELOW));
        event.put("metadata", OcsfHttpActivity.metadata(List.of(), record.id()));
        return event;
    }
}
