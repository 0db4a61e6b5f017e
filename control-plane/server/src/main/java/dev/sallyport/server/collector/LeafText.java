package dev.sallyport.server.collector;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;

/** Writes one leaf of the collector's own: a JSON object in ASCII on one line, with the members that every record begins with. One thread. */
final class LeafText {
    private static final String SCHEMA = "1";
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final JsonGenerator json;

    LeafText(String event, Instant at) {
        try {
            json = JSON.createGenerator(bytes);
            json.writeStartObject();
            json.writeStringField(AuditFields.TIMESTAMP, nanos(at));
            json.writeStringField(AuditFields.EVENT_NAME, event);
            json.writeStringField(AuditFields.SCHEMA_VERSION, SCHEMA);
            json.writeStringField(AuditFields.ID, AuditRecord.newId(at, RANDOM));
        } catch (IOException e) {
            throw inMemory(e);
        }
    }

    LeafText text(String key, String value) {
        return write(() -> json.writeStringField(key, value));
    }

    LeafText number(String key, long value) {
        return write(() -> json.writeNumberField(key, value));
    }

    /** {@code object}: JSON in ASCII without line feeds, as it is. */
    LeafText object(String key, byte[] object) {
        return write(() -> {
            json.writeFieldName(key);
            json.writeRawValue(new String(object, java.nio.charset.StandardCharsets.US_ASCII));
        });
    }

    byte[] toBytes() {
        write(() -> {
            json.writeEndObject();
            json.close();
        });
        return bytes.toByteArray();
    }

    /** As records write it: nanoseconds since 1970, a decimal in a string. */
    private static String nanos(Instant at) {
        return at.getEpochSecond() + String.format("%09d", at.getNano());
    }

    private interface Step {
        void run() throws IOException;
    }

    private LeafText write(Step step) {
        try {
            step.run();
            return this;
        } catch (IOException e) {
            throw inMemory(e);
        }
    }

    private static IllegalStateException inMemory(IOException e) {
        return new IllegalStateException("memory does not fail", e);
    }
}
