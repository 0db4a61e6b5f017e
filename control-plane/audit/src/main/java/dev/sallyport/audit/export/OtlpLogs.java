package dev.sallyport.audit.export;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.sallyport.audit.AuditFields;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Records as OpenTelemetry log records: {@code ExportLogsServiceRequest} of OTLP 1.x in its JSON form (64-bit integers are strings, ids are hex). As the audit draft wants it (OTEP 0267):
 * no body, no severity, an empty scope, all in attributes; the resource is the sidecar whose stream it is. The entry's index and SHA-256 lead back to the log. Any thread.
 */
public final class OtlpLogs {
    public static final String CONTENT_TYPE = "application/json";
    /** The entry's index in the collected log. */
    public static final String INDEX = "sallyport.audit.index";

    /** {@link ExportRecord#id}. */
    public static final String ENTRY_HASH = "sallyport.audit.entry.hash.sha256";

    private static final Pattern TRACE_ID = Pattern.compile("(?!0{32})[0-9a-f]{32}");
    private static final int BYTES_EACH = 3 * 1024;

    private OtlpLogs() {}

    /** One request; resources in the order in which their first record comes. */
    public static byte[] request(List<ExportRecord> records, ExportLabels labels) {
        Map<String, List<ExportRecord>> streams = new LinkedHashMap<>();
        records.forEach(record ->
                streams.computeIfAbsent(record.stream(), _ -> new ArrayList<>()).add(record));
        return JsonText.bytes(records.size() * BYTES_EACH, json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("resourceLogs");
            for (List<ExportRecord> stream : streams.values()) {
                resource(json, stream, labels);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void resource(JsonGenerator json, List<ExportRecord> records, ExportLabels labels)
            throws IOException {
        ExportRecord any = records.getFirst();
        json.writeStartObject();
        json.writeObjectFieldStart("resource");
        json.writeArrayFieldStart("attributes");
        attribute(json, AuditFields.SERVICE, any.service());
        if (!any.instance().isEmpty()) {
            attribute(json, "service.instance.id", any.instance());
            attribute(json, AuditFields.STREAM_ID, any.stream());
        }
        if (labels.namespace().isPresent()) {
            attribute(json, ExportLabels.NAMESPACE, labels.namespace().get());
        }
        if (labels.env().isPresent()) {
            attribute(json, ExportLabels.ENVIRONMENT, labels.env().get());
        }
        attribute(json, "audit.integrity.algorithm", "SHA-256");
        json.writeEndArray();
        json.writeEndObject();
        json.writeArrayFieldStart("scopeLogs");
        json.writeStartObject();
        json.writeArrayFieldStart("logRecords");
        for (ExportRecord record : records) {
            logRecord(json, record);
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void logRecord(JsonGenerator json, ExportRecord record) throws IOException {
        long nanos = record.nanos();
        long observed = record.observedNanos() == 0 ? nanos : record.observedNanos();
        json.writeStartObject();
        json.writeStringField("timeUnixNano", Long.toString(nanos));
        json.writeStringField("observedTimeUnixNano", Long.toString(observed));
        if (!record.event().isEmpty()) {
            json.writeStringField("eventName", record.event());
        }
        String trace = record.text(AuditFields.TRACE_ID).orElse("");
        boolean traced = TRACE_ID.matcher(trace).matches();
        if (traced) {
            json.writeStringField("traceId", trace);
        }
        json.writeArrayFieldStart("attributes");
        attribute(json, INDEX, record.index());
        attribute(json, ENTRY_HASH, record.id());
        for (Map.Entry<String, Object> field : record.fields().entrySet()) {
            String name = field.getKey();
            boolean above = name.equals(AuditFields.TIMESTAMP)
                    || name.equals(AuditFields.EVENT_NAME)
                    || name.equals(AuditFields.TRACE_ID) && traced
                    || name.equals(AuditFields.SERVICE) && record.service().equals(field.getValue());
            if (!above) {
                attribute(json, name, field.getValue());
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void attribute(JsonGenerator json, String name, Object value) throws IOException {
        json.writeStartObject();
        json.writeStringField("key", name);
        json.writeFieldName("value");
        value(json, value);
        json.writeEndObject();
    }

    /** {@code AnyValue}. */
    private static void value(JsonGenerator json, Object value) throws IOException {
        json.writeStartObject();
        switch (value) {
            case Long number -> json.writeStringField("intValue", Long.toString(number));
            case Boolean truth -> json.writeBooleanField("boolValue", truth);
            case List<?> items -> {
                json.writeObjectFieldStart("arrayValue");
                json.writeArrayFieldStart("values");
                for (Object item : items) {
                    value(json, item);
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            case Map<?, ?> members -> {
                json.writeObjectFieldStart("kvlistValue");
                json.writeArrayFieldStart("values");
                for (Map.Entry<?, ?> member : members.entrySet()) {
                    attribute(json, String.valueOf(member.getKey()), member.getValue());
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            default -> json.writeStringField("stringValue", value.toString());
        }
        json.writeEndObject();
    }
}
