package dev.sallyport.server.collector;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;

/** Writes one leaf of the collector's own: a JSON object in ASCII on one line, with the members that every record begins with. One thread. */
final class LeafText {
    private static final String SCHEMA = "1";
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    private static final byte[] TIME = ("{\"" + AuditFields.TIMESTAMP + "\":\"").getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT =
            ("\",\"" + AuditFields.EVENT_NAME + "\":\"").getBytes(StandardCharsets.US_ASCII);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final JsonGenerator json;

    /** Where the event's name stands: behind the time, in every leaf and every sidecar's line; -1 in anything else. Some who verify look for it there and read no further. */
    static int eventAt(byte[] leaf) {
        int at = TIME.length;
        if (leaf.length < at || !Arrays.equals(leaf, 0, at, TIME, 0, at)) {
            return -1;
        }
        while (at < leaf.length && leaf[at] >= '0' && leaf[at] <= '9') {
            at++;
        }
        int event = at + EVENT.length;
        return event < leaf.length && Arrays.equals(leaf, at, event, EVENT, 0, EVENT.length) ? event : -1;
    }

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
            json.writeRawValue(new String(object, StandardCharsets.US_ASCII));
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
