package dev.sallyport.audit.export;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.sallyport.audit.AuditFields;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Records as Loki's {@code POST /loki/api/v1/push} takes them in JSON. The line is the entry itself. Labels are those few that make few streams: service, namespace, env, decision; a client
 * that could choose a label's value could make streams without end. Ids are structured metadata. In each stream the oldest comes first. Any thread.
 */
public final class LokiPush {
    public static final String CONTENT_TYPE = "application/json";

    private static final Set<String> DECISIONS = Set.of("allow", "deny", "error", "dry_run_deny");
    private static final int BYTES_EACH = 2 * 1024;
    private static final int ID_CHARS_MAX = 256;

    private LokiPush() {}

    public static byte[] request(List<ExportRecord> records, ExportLabels labels) {
        Map<Map<String, String>, List<ExportRecord>> streams = new LinkedHashMap<>();
        records.forEach(record -> streams.computeIfAbsent(labels(record, labels), _ -> new ArrayList<>())
                .add(record));
        return JsonText.bytes(records.size() * BYTES_EACH, json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("streams");
            for (Map.Entry<Map<String, String>, List<ExportRecord>> stream : streams.entrySet()) {
                json.writeStartObject();
                json.writeFieldName("stream");
                JsonText.value(json, stream.getKey());
                json.writeArrayFieldStart("values");
                stream.getValue().sort(Comparator.comparingLong(ExportRecord::nanos));
                for (ExportRecord record : stream.getValue()) {
                    entry(json, record);
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static Map<String, String> labels(ExportRecord record, ExportLabels labels) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("service", record.service());
        labels.namespace().ifPresent(value -> all.put("namespace", value));
        labels.env().ifPresent(value -> all.put("env", value));
        record.text(AuditFields.DECISION).filter(DECISIONS::contains).ifPresent(value -> all.put("decision", value));
        return all;
    }

    private static void entry(JsonGenerator json, ExportRecord record) throws IOException {
        json.writeStartArray();
        json.writeString(Long.toString(record.nanos()));
        json.writeString(new String(record.entry(), StandardCharsets.UTF_8));
        json.writeStartObject();
        json.writeStringField("audit_index", Long.toString(record.index()));
        metadata(json, "audit_record_id", record.text(AuditFields.ID).orElse(""));
        metadata(json, "audit_stream_id", record.stream());
        Object number = record.fields().get(AuditFields.NUMBER);
        metadata(json, "audit_sequence_number", number instanceof Long digits ? Long.toString(digits) : "");
        metadata(json, "trace_id", record.text(AuditFields.TRACE_ID).orElse(""));
        json.writeEndObject();
        json.writeEndArray();
    }

    /** Cut: a line whose metadata is too large is refused as a whole. */
    private static void metadata(JsonGenerator json, String name, String value) throws IOException {
        if (!value.isEmpty()) {
            json.writeStringField(name, value.length() <= ID_CHARS_MAX ? value : value.substring(0, ID_CHARS_MAX));
        }
    }
}
