package dev.sallyport.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.nimbusds.jose.jwk.ECKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/** Writes one JSON object in the order of the calls: the same message gives the same bytes. One thread. */
final class JsonText {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final JsonGenerator json;

    /** Opens the object and writes the version. */
    JsonText() {
        try {
            json = FACTORY.createGenerator(bytes);
            json.writeStartObject();
            json.writeNumberField("v", JsonObject.VERSION);
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
    }

    JsonText field(String name, String value) {
        return write(() -> json.writeStringField(name, value));
    }

    JsonText field(String name, long value) {
        return write(() -> json.writeNumberField(name, value));
    }

    JsonText field(String name, boolean value) {
        return write(() -> json.writeBooleanField(name, value));
    }

    JsonText field(String name, Instant value) {
        return field(name, value.toString());
    }

    JsonText field(String name, Collection<?> values) {
        return write(() -> {
            json.writeArrayFieldStart(name);
            for (Object value : values) {
                json.writeString(value.toString());
            }
            json.writeEndArray();
        });
    }

    /** Public parts only. */
    JsonText keys(String name, List<ECKey> keys) {
        return write(() -> {
            json.writeArrayFieldStart(name);
            for (ECKey key : keys) {
                json.writeStartObject();
                json.writeStringField("kty", "EC");
                json.writeStringField("crv", "P-256");
                json.writeStringField("kid", key.getKeyID());
                json.writeStringField("x", key.getX().toString());
                json.writeStringField("y", key.getY().toString());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    JsonText open(String name) {
        return write(() -> json.writeObjectFieldStart(name));
    }

    JsonText close() {
        return write(json::writeEndObject);
    }

    byte[] toBytes() {
        write(() -> {
            json.writeEndObject();
            json.close();
        });
        return bytes.toByteArray();
    }

    private interface Step {
        void run() throws IOException;
    }

    private JsonText write(Step step) {
        try {
            step.run();
            return this;
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
    }
}
