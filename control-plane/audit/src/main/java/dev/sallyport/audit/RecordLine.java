package dev.sallyport.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What one looks for in a record, read out of its line. {@code number}: in its stream, 0 where the line has none; {@code covers}: of a seal in the collected log, how many records stand before
 * it, else 0. What the record does not say is not among {@code values}.
 */
public record RecordLine(Instant time, long number, long covers, Map<RecordField, String> values) {
    /** {@link RecordField#EVENT} of a seal. */
    public static final String SEAL = "audit.seal";

    private static final JsonFactory JSON = new JsonFactory();
    private static final String OWN = "sallyport.";
    private static final int NANO_DIGITS = 9;

    /** Members that end up in a field as they are. */
    private static final Map<String, RecordField> PLAIN = Map.ofEntries(
            Map.entry(AuditFields.DIRECTION, RecordField.DIRECTION),
            Map.entry(AuditFields.ACTOR_ID, RecordField.CALLER),
            Map.entry(AuditFields.USER_HASH, RecordField.USER),
            Map.entry(AuditFields.ROUTE, RecordField.ROUTE),
            Map.entry(AuditFields.METHOD, RecordField.METHOD),
            Map.entry(AuditFields.STATUS, RecordField.STATUS),
            Map.entry(AuditFields.DECISION, RecordField.DECISION),
            Map.entry(AuditFields.REASON, RecordField.REASON),
            Map.entry(AuditFields.RULE, RecordField.RULE),
            Map.entry(AuditFields.STREAM_ID, RecordField.STREAM),
            Map.entry(AuditFields.TRACE_ID, RecordField.TRACE),
            Map.entry(AuditFields.ID, RecordField.ID));

    public RecordLine {
        values = Map.copyOf(values);
    }

    /** Of one field; {@code ""} where the record does not say. */
    public String value(RecordField field) {
        return values.getOrDefault(field, "");
    }

    /** The same, of that stream: the records of a batch do not name it, their seal does. */
    public RecordLine of(String stream) {
        Map<RecordField, String> named = new EnumMap<>(RecordField.class);
        named.putAll(values);
        named.put(RecordField.STREAM, stream);
        return new RecordLine(time, number, covers, named);
    }

    /** Out of a line with or without its line feed; empty when it is no record. Nothing is verified. */
    public static Optional<RecordLine> parse(byte[] line) {
        try (JsonParser parser = JSON.createParser(line)) {
            return parser.nextToken() == JsonToken.START_OBJECT ? object(parser) : Optional.empty();
        } catch (IOException | RuntimeException notOurs) {
            return Optional.empty(); // Whoever may write into a log may write nonsense.
        }
    }

    private static Optional<RecordLine> object(JsonParser parser) throws IOException {
        Map<RecordField, String> values = new EnumMap<>(RecordField.class);
        Map<String, String> other = new HashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (token.isStructStart()) {
                parser.skipChildren();
                continue;
            }
            RecordField plain = PLAIN.get(name);
            if (plain != null) {
                values.put(plain, parser.getText());
            } else if (wanted(name)) {
                other.put(name, parser.getText());
            }
        }
        if (parser.currentToken() != JsonToken.END_OBJECT) {
            return Optional.empty();
        }
        String event = other.getOrDefault(AuditFields.EVENT_NAME, "");
        String time = other.getOrDefault(AuditFields.TIMESTAMP, "");
        if (event.isEmpty() || time.length() <= NANO_DIGITS) {
            return Optional.empty();
        }
        values.put(RecordField.EVENT, event.startsWith(OWN) ? event.substring(OWN.length()) : event);
        called(values, other);
        String guardrail = other.get(AuditFields.GUARDRAIL);
        if (guardrail != null) {
            values.putIfAbsent(RecordField.RULE, guardrail);
        }
        boolean seal = SEAL.equals(values.get(RecordField.EVENT));
        return Optional.of(new RecordLine(
                instant(time),
                number(other, AuditFields.NUMBER),
                seal ? number(other, AuditFields.RECORDS) : 0,
                values));
    }

    private static long number(Map<String, String> members, String name) {
        return Long.parseLong(members.getOrDefault(name, "0"));
    }

    private static boolean wanted(String name) {
        return switch (name) {
            case AuditFields.EVENT_NAME,
                    AuditFields.TIMESTAMP,
                    AuditFields.NUMBER,
                    AuditFields.RECORDS,
                    AuditFields.SERVICE,
                    AuditFields.UPSTREAM_SERVICE,
                    AuditFields.GUARDRAIL -> true;
            default -> false;
        };
    }

    /** The sidecar that writes is the called side, unless it says that its request goes out. */
    private static void called(Map<RecordField, String> values, Map<String, String> other) {
        boolean out = "outbound".equals(values.get(RecordField.DIRECTION));
        String callee = other.get(out ? AuditFields.UPSTREAM_SERVICE : AuditFields.SERVICE);
        if (callee != null) {
            values.put(RecordField.CALLEE, callee);
        }
    }

    private static Instant instant(String nanos) {
        int seconds = nanos.length() - NANO_DIGITS;
        return Instant.ofEpochSecond(
                Long.parseLong(nanos.substring(0, seconds)), Long.parseLong(nanos.substring(seconds)));
    }
}
