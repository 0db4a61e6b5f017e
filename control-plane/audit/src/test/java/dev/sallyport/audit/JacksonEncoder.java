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
        text("network.protocol.name", r.protocol == AuditRecord.Protocol.HTTP ? null : lower(r.protocol));
        text("network.protocol.version", r.protocolVersion);
        text(AuditFields.METHOD, r.method);
        text(AuditFields.AUTHORITY, r.authority);
        if (r.authorityPort > 0) {
            number(AuditFields.AUTHORITY_PORT, r.authorityPort);
        }
        text(AuditFields.ROUTE, r.route);
        text(AuditFields.TEMPLATE, r.template);
        text(AuditFields.PATH, r.path);
        texts(AuditFields.REDACTED, r.redacted);
        decision(r);
        user(r);
        if (r.revision >= 0) {
            number(AuditFields.REVISION, r.revision);
        }
        text(AuditFields.POLICY_DIGEST, r.policyDigest);
        if (r.phase != AuditRecord.Phase.INTENT && r.direction != AuditRecord.Direction.CONNECTION) {
            soFar(r);
        }
        text(AuditFields.TRACE_ID, r.traceId);
        text(AuditFields.UPSTREAM_SERVICE, r.upstreamService);
        text(AuditFields.UPSTREAM_ID, r.upstreamId);
        text(AuditFields.UPSTREAM_SERIAL, r.upstreamSerial);
        text(AuditFields.UPSTREAM_FINGERPRINT, r.upstreamFingerprint);
        text(AuditFields.UPSTREAM_ADDRESS, r.upstreamAddress);
        texts(AuditFields.ATTEMPTS, r.attempts);
        if (r.resends > 0) {
            number(AuditFields.RESENDS, r.resends);
        }
        if (r.repeats > 0) {
            number(AuditFields.REPEATS, r.repeats);
        }
    }

    private static String event(AuditRecord r) {
        if (r.direction == AuditRecord.Direction.CONNECTION) {
            return "sallyport.connection";
        } else if (r.phase == AuditRecord.Phase.INTENT) {
            return "sallyport.request.intent";
        } else if (r.phase == AuditRecord.Phase.INTERVAL) {
            return "sallyport.request.interval";
        }
        return r.protocol == AuditRecord.Protocol.TCP ? "sallyport.stream" : "sallyport.request";
    }

    private void soFar(AuditRecord r) throws IOException {
        boolean http = r.protocol == AuditRecord.Protocol.HTTP;
        if (r.protocol != AuditRecord.Protocol.TCP) {
            number("http.response.status_code", r.status);
        }
        number(http ? "http.request.body.size" : "sallyport.stream.received_bytes", r.requestBytes);
        number(http ? "http.response.body.size" : "sallyport.stream.sent_bytes", r.responseBytes);
        number(AuditFields.DURATION_MICROS, r.durationMicros);
        number(AuditFields.PROCESSING_MICROS, r.processingMicros);
        if (r.phase == AuditRecord.Phase.INTERVAL) {
            return;
        }
        if (r.verdict == AuditRecord.Verdict.ALLOW) {
            text("error.type", r.status >= 500 ? Integer.toString(r.status) : null);
        } else if (r.verdict == AuditRecord.Verdict.ERROR || r.status >= 500) {
            text("error.type", r.reason);
        }
    }

    private static String outcome(AuditRecord r) {
        if (r.phase == AuditRecord.Phase.INTENT || r.phase == AuditRecord.Phase.INTERVAL) {
            return "unknown";
        }
        return r.verdict == AuditRecord.Verdict.ALLOW && r.status < 400 ? "success" : "failure";
    }

    private void decision(AuditRecord r) throws IOException {
        text(AuditFields.DECISION, r.verdict == null ? null : lower(r.verdict));
        text("audit.outcome", outcome(r));
        text(AuditFields.LEVEL, r.level);
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
        text(AuditFields.PEER_ISSUER, r.peerIssuer);
        text(AuditFields.PEER_NOT_AFTER, r.peerNotAfter);
        text(AuditFields.TLS_VERSION, r.tlsVersion);
        text(AuditFields.TLS_CIPHER, r.tlsCipher);
        text(AuditFields.TLS_CURVE, r.tlsCurve);
    }

    private void user(AuditRecord r) throws IOException {
        text(AuditFields.TOKEN_RESULT, r.tokenResult);
        text(AuditFields.TOKEN_KEY_ID, r.tokenKeyId);
        if (r.tokenIssuedAt != null) {
            number(AuditFields.TOKEN_ISSUED_AT, r.tokenIssuedAt.getEpochSecond());
        }
        if (r.tokenExpiresAt != null) {
            number(AuditFields.TOKEN_EXPIRES_AT, r.tokenExpiresAt.getEpochSecond());
        }
        text(AuditFields.TOKEN_ID_HASH, r.tokenIdHash);
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
