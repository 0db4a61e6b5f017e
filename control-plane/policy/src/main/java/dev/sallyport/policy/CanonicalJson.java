package dev.sallyport.policy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes a set of documents in one way only: keys sorted, defaults written out, no blanks. Equal sets are equal bytes,
 * so that a digest names a policy. Each document keeps the shape that people write.
 */
final class CanonicalJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private CanonicalJson() {}

    static String of(DocumentSet set) {
        Map<String, Object> root = new TreeMap<>();
        root.put("mesh", MeshJson.of(set.mesh()));
        root.put(
                "policies",
                Stream.concat(set.policies().values().stream(), set.candidates().values().stream())
                        .map(RulesJson::policy)
                        .toList());
        root.put(
                "guardrails",
                set.guardrails().values().stream().map(RulesJson::guardrail).toList());
        return write(root);
    }

    static Map<String, Object> document(String kind, Map<String, Object> metadata, Map<String, Object> spec) {
        return new TreeMap<>(
                Map.of("apiVersion", Header.API_VERSION, "kind", kind, "metadata", metadata, "spec", spec));
    }

    static Map<String, Object> metadata(String name, Optional<String> owner) {
        Map<String, Object> metadata = new TreeMap<>();
        metadata.put("name", name);
        owner.ifPresent(team -> metadata.put("annotations", Map.of(Header.OWNER, team)));
        return metadata;
    }

    static void mode(Map<String, Object> json, boolean dryRun, Optional<Instant> until) {
        json.put("mode", dryRun ? Observation.DRY_RUN : until.isPresent() ? Observation.OBSERVE : Observation.ENFORCE);
        until.ifPresent(end -> json.put("until", end));
    }

    static String duration(Duration duration) {
        return duration.toMillis() + "ms";
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Present but empty is refused by the reader: empty never means everyone. */
    static void putUnlessEmpty(Map<String, Object> json, String key, Object value) {
        boolean empty = value instanceof Map<?, ?> map ? map.isEmpty() : ((Collection<?>) value).isEmpty();
        if (!empty) {
            json.put(key, value);
        }
    }

    private static String write(Object value) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            write(json, value);
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory", impossible);
        }
        return out.toString();
    }

    private static void write(JsonGenerator json, Object value) throws IOException {
        switch (value) {
            case Map<?, ?> map -> {
                json.writeStartObject();
                for (Map.Entry<?, ?> entry : new TreeMap<>(map).entrySet()) {
                    json.writeFieldName(entry.getKey().toString());
                    write(json, entry.getValue());
                }
                json.writeEndObject();
            }
            case Collection<?> items -> {
                json.writeStartArray();
                for (Object item : items) {
                    write(json, item);
                }
                json.writeEndArray();
            }
            case Boolean bool -> json.writeBoolean(bool);
            case Integer number -> json.writeNumber(number);
            default -> json.writeString(value.toString());
        }
    }
}
