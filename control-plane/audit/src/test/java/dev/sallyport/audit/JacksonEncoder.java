package dev.sallyport.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** The encoder's oracle: the same record by way of a general JSON library, slowly. */
final class JacksonEncoder {
    /** Of one record; what a bundle of a tiled log can hold is 65,535. */
    private static final int RECORD_BYTES_MAX = 60 * 1024;

    /** Of one text and one list; a record that still grows too large is written again with the small ones. */
    private static final int TEXT_MAX = 2048;

    private static final int ITEMS_MAX = 64;
    private static final int TEXT_SMALL = 64;
    private static final int ITEMS_SMALL = 4;
    private static final int DEL = 0x7f;
    private static final int REPLACEMENT = 0xfffd;
    private static final JsonFactory FACTORY =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    private final JsonGenerator json;
    private final int textMax;
    private final int itemsMax;
    private boolean truncated;

    private JacksonEncoder(int textMax, int itemsMax) throws IOException {
        this.textMax = textMax;
        this.itemsMax = itemsMax;
        json = FACTORY.createGenerator(bytes);
        json.writeStartObject();
    }

    static byte[] encode(AuditRecord record) {
        try {
            byte[] body = encode(record, TEXT_MAX, ITEMS_MAX);
            return body.length <= RECORD_BYTES_MAX ? body : encode(record, TEXT_SMALL, ITEMS_SMALL);
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
    }

    private static byte[] encode(AuditRecord record, int textMax, int itemsMax) throws IOException {
        JacksonEncoder encoder = new JacksonEncoder(textMax, itemsMax);
        encoder.write(record);
        return encoder.finish();
    }

    /** What the log says of itself: pairs of key and value (String or Long). */
    static byte[] encodeOwn(Instant time, String phase, Object... pairs) {
        try {
            JacksonEncoder encoder = new JacksonEncoder(TEXT_MAX, ITEMS_MAX);
            encoder.time(time);
            encoder.text(AuditFields.EVENT_NAME, AuditFields.EVENT_LOG);
            encoder.text(AuditFields.SCHEMA_VERSION, RecordEncoder.SCHEMA);
            encoder.text(AuditFields.PHASE, phase);
            for (int i = 0; i < pairs.length; i += 2) {
                if (pairs[i + 1] instanceof Long number) {
                    encoder.number((String) pairs[i], number);
                } else {
                    encoder.text((String) pairs[i], pairs[i + 1].toString());
                }
            }
            return encoder.finish();
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
    }

    private void write(AuditRecord r) throws IOException {
        time(r.time);
        text(AuditFields.EVENT_NAME, event(r));
        text(AuditFields.SCHEMA_VERSION, RecordEncoder.SCHEMA);
        text(AuditFields.PHASE, r.phase == null ? null : lower(r.phase));
        text(AuditFields.ID, r.id);
        text(AuditFields.DIRECTION, lower(r.direction));
        text(AuditFields.SERVICE, r.service);
        peer(r);
        text(AuditFields.METHOD, r.method);
        text(AuditFields.AUTHORITY, r.authority);
        text(AuditFields.ROUTE, r.route);
        text(AuditFields.TEMPLATE, r.template);
        text(AuditFields.PATH, r.path);
        decision(r);
        user(r);
        if (r.revision >= 0) {
            number(AuditFields.REVISION, r.revision);
        }
        text(AuditFields.POLICY_DIGEST, r.policyDigest);
        if (event(r).equals(AuditFields.EVENT_REQUEST)) {
            number(AuditFields.STATUS, r.status);
            number(AuditFields.REQUEST_BYTES, r.requestBytes);
            number(AuditFields.RESPONSE_BYTES, r.responseBytes);
            number(AuditFields.DURATION_MICROS, r.durationMicros);
            number(AuditFields.PROCESSING_MICROS, r.processingMicros);
        }
        text(AuditFields.TRACE_ID, r.traceId);
        text(AuditFields.UPSTREAM_SERVICE, r.upstreamService);
        text(AuditFields.UPSTREAM_ID, r.upstreamId);
        text(AuditFields.UPSTREAM_ADDRESS, r.upstreamAddress);
        if (r.resends > 0) {
            number(AuditFields.RESENDS, r.resends);
        }
    }

    private static String event(AuditRecord r) {
        if (r.direction == AuditRecord.Direction.CONNECTION) {
            return AuditFields.EVENT_CONNECTION;
        }
        return r.phase == AuditRecord.Phase.INTENT ? AuditFields.EVENT_INTENT : AuditFields.EVENT_REQUEST;
    }

    private void decision(AuditRecord r) throws IOException {
        text(AuditFields.DECISION, r.verdict == null ? null : lower(r.verdict));
        text(AuditFields.REASON, r.reason);
        text(AuditFields.RULE, r.rule);
        text(AuditFields.NEAREST_RULE, r.nearestRule);
        text(AuditFields.GUARDRAIL, r.guardrail);
        text(AuditFields.OBSERVED, r.observed);
        text(AuditFields.CANDIDATE_DECISION, r.candidateDecision);
        text(AuditFields.CANDIDATE_REASON, r.candidateReason);
        text(AuditFields.CANDIDATE_RULE, r.candidateRule);
        text(AuditFields.LIMIT, r.limit);
        map(AuditFields.OPA, r.opa, this::text);
        text(AuditFields.OPA_DETAIL, r.opaDetail);
        map(AuditFields.INPUTS, r.inputs, this::texts);
        map(AuditFields.INPUTS_KEYED, r.keyedInputs, this::texts);
        text(AuditFields.DETAIL, r.detail);
    }

    private void peer(AuditRecord r) throws IOException {
        text(AuditFields.PEER_ADDRESS, r.peerAddress);
        text(AuditFields.ACTOR_ID, r.callerId == null ? "anonymous" : r.callerId);
        text(AuditFields.PEER_SERIAL, r.peerSerial);
        text(AuditFields.PEER_FINGERPRINT, r.peerFingerprint);
        text(AuditFields.TLS_VERSION, r.tlsVersion);
        text(AuditFields.TLS_CIPHER, r.tlsCipher);
    }

    private void user(AuditRecord r) throws IOException {
        text(AuditFields.TOKEN_RESULT, r.tokenResult);
        text(AuditFields.TOKEN_KEY_ID, r.tokenKeyId);
        if (r.tokenIssuedAt != null) {
            number(AuditFields.TOKEN_ISSUED_AT, r.tokenIssuedAt.getEpochSecond());
        }
        text(AuditFields.USER_CARRIED, r.userCarried);
        texts(AuditFields.USER_VIA, r.userVia);
        text(AuditFields.USER_ISSUER, r.userIssuer);
        text(AuditFields.USER_HASH, r.userHash);
        texts(AuditFields.USER_ROLES, r.userRoles);
        texts(AuditFields.USER_SCOPES, r.userScopes);
        map(AuditFields.USER_CLAIMS, r.userClaims, this::text);
    }

    /** Writes one member of an object. */
    private interface Member<V> {
        void write(String name, V value) throws IOException;
    }

    private <V> void map(String key, @Nullable SortedMap<String, V> values, Member<V> member) throws IOException {
        if (values == null) {
            return;
        }
        json.writeObjectFieldStart(key);
        Set<String> names = new HashSet<>();
        for (Map.Entry<String, V> entry : values.entrySet()) {
            String name = bounded(entry.getKey());
            // Two names that are one when cut: a repeated member would spoil the whole record.
            if (names.size() == itemsMax || !names.add(name)) {
                truncated = true;
                continue;
            }
            member.write(name, entry.getValue());
        }
        json.writeEndObject();
    }

    private byte[] finish() throws IOException {
        if (truncated) {
            json.writeBooleanField(AuditFields.TRUNCATED, true);
        }
        // Without the generator's own closing brace.
        json.flush();
        return bytes.toByteArray();
    }

    /** Nanoseconds since 1970 as decimal text: beyond what a JSON number keeps exactly. */
    private void time(Instant time) throws IOException {
        json.writeStringField(AuditFields.TIMESTAMP, time.getEpochSecond() + padded(time.getNano()));
    }

    private static String padded(int nanos) {
        String digits = Integer.toString(nanos);
        return "0".repeat(9 - digits.length()) + digits;
    }

    private void text(String key, @Nullable String value) throws IOException {
        if (value != null) {
            json.writeStringField(key, bounded(value));
        }
    }

    private void texts(String key, @Nullable List<String> values) throws IOException {
        if (values != null) {
            json.writeArrayFieldStart(key);
            for (String value : values.subList(0, Math.min(values.size(), itemsMax))) {
                json.writeString(bounded(value));
            }
            json.writeEndArray();
            truncated |= values.size() > itemsMax;
        }
    }

    private void number(String key, long value) throws IOException {
        json.writeNumberField(key, value);
    }

    /** Cut to the bound; a lone surrogate, which JSON readers disagree about, and DEL, which JSON leaves as it is, become U+FFFD. */
    private String bounded(String value) {
        String text = value;
        if (text.length() > textMax) {
            text = text.substring(0, textMax);
            truncated = true;
        }
        return text.chars().allMatch(c -> c < DEL) ? text : replaced(text);
    }

    private static String replaced(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints()
                .map(point -> point == DEL || (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)
                        ? REPLACEMENT
                        : point)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }

    private static String lower(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }
}
