package dev.sallyport.audit.export;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.sallyport.audit.AuditFields;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Records as lines of the bulk API of Elasticsearch and OpenSearch: {@code create} under {@link ExportRecord#id}, so that what is sent twice is one document. Names are the record's; a
 * mapping inside a record becomes a list of {@code name=value}, because a name there would become a field of the index, and names that end where others go on would be refused. Any thread.
 */
public final class ElasticsearchBulk {
    public static final String CONTENT_TYPE = "application/x-ndjson";

    private static final int BYTES_EACH = 2 * 1024;

    private ElasticsearchBulk() {}

    /** Two lines each; the last ends in a line feed too, as the API demands. */
    public static byte[] request(List<ExportRecord> records, String index, ExportLabels labels) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(records.size() * BYTES_EACH);
        byte[] head = JsonText.bytes(128, json -> {
            json.writeStartObject();
            json.writeObjectFieldStart("create");
            json.writeStringField("_index", index);
            json.writeStringField("_id", "");
            json.writeEndObject();
            json.writeEndObject();
        });
        int idAt = head.length - "\"}}".length();
        for (ExportRecord record : records) {
            all.write(head, 0, idAt);
            all.writeBytes(record.id().getBytes(StandardCharsets.US_ASCII));
            all.write(head, idAt, head.length - idAt);
            all.write('\n');
            all.writeBytes(document(record, labels));
            all.write('\n');
        }
        return all.toByteArray();
    }

    static byte[] document(ExportRecord record, ExportLabels labels) {
        return JsonText.bytes(BYTES_EACH, json -> {
            json.writeStartObject();
            long nanos = record.nanos();
            json.writeStringField(
                    "@timestamp",
                    Instant.ofEpochSecond(nanos / 1_000_000_000, nanos % 1_000_000_000)
                            .toString());
            json.writeNumberField(OtlpLogs.INDEX, record.index());
            if (!record.fields().containsKey(AuditFields.STREAM_ID)
                    && !record.stream().isEmpty()) {
                json.writeStringField(AuditFields.STREAM_ID, record.stream());
            }
            if (labels.namespace().isPresent()) {
                json.writeStringField(ExportLabels.NAMESPACE, labels.namespace().get());
            }
            if (labels.env().isPresent()) {
                json.writeStringField(ExportLabels.ENVIRONMENT, labels.env().get());
            }
            for (Map.Entry<String, Object> field : record.fields().entrySet()) {
                if (!field.getKey().equals(AuditFields.TIMESTAMP)) {
                    json.writeFieldName(name(field.getKey()));
                    value(json, field.getValue());
                }
            }
            json.writeEndObject();
        });
    }

    /** A field cannot hold a text and have fields below it. */
    private static String name(String name) {
        return name.equals(AuditFields.CERTIFICATE) ? name + ".pem" : name;
    }

    private static void value(JsonGenerator json, Object value) throws IOException {
        if (value instanceof Map<?, ?> members) {
            List<String> flat = new ArrayList<>();
            flatten("", members, flat);
            JsonText.value(json, flat);
        } else {
            JsonText.value(json, value);
        }
    }

    private static void flatten(String before, Map<?, ?> members, List<String> flat) {
        members.forEach((name, value) -> {
            switch (value) {
                case Map<?, ?> deeper -> flatten(before + name + ".", deeper, flat);
                case List<?> items -> items.forEach(item -> flat.add(before + name + "=" + item));
                default -> flat.add(before + name + "=" + value);
            }
        });
    }
}
