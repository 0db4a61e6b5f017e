package dev.sallyport.audit;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A record as one JSON object without its closing brace, at the end of a buffer: the writer adds number and hashes. No field is read twice, so that a record which is touched too late
 * may come out mixed, but never stops the writer. One thread.
 */
final class RecordEncoder {
    static final String SCHEMA = "2";
    /** Of one record; what a bundle of a tiled log can hold is 65,535. */
    private static final int RECORD_BYTES_MAX = 60 * 1024;

    /** Of one text and one list; a record that still grows too large is written again with the small ones. */
    private static final int TEXT_MAX = 2048;

    private static final int ITEMS_MAX = 64;
    private static final int TEXT_SMALL = 64;
    private static final int ITEMS_SMALL = 4;

    private static final int CLIENT_ERROR = 400;
    private static final int SERVER_ERROR = 500;
    // Written whole: a constant needs no look at its characters.
    private static final String SUCCESS = ",\"" + AuditFields.OUTCOME + "\":\"success\"";
    private static final String FAILURE = ",\"" + AuditFields.OUTCOME + "\":\"failure\"";
    private static final String UNKNOWN = ",\"" + AuditFields.OUTCOME + "\":\"unknown\"";

    private final JsonBuffer json;
    private final BiConsumer<String, String> textMember = this::textMember;
    private final BiConsumer<String, List<String>> textsMember = this::textsMember;
    /** Where the names of the map at hand stand in the buffer: begin and end of each. */
    private final int[] names = new int[2 * ITEMS_MAX];

    private int start;
    private int textMax;
    private int itemsMax;
    private int items;
    private boolean truncated;

    RecordEncoder(JsonBuffer json) {
        this.json = json;
    }

    void encode(AuditRecord record) {
        begin(TEXT_MAX, ITEMS_MAX);
        write(record);
        if (isTooLarge()) {
            json.cut(start);
            begin(TEXT_SMALL, ITEMS_SMALL);
            write(record);
        }
    }

    private void begin(int texts, int list) {
        start = json.length();
        textMax = texts;
        itemsMax = list;
        truncated = false;
        json.append('{');
    }

    /** From here on nothing more needs to be written: the buffer grows by one text beyond the bound, not by all that a stranger sends. */
    private boolean isTooLarge() {
        return json.length() - start > RECORD_BYTES_MAX;
    }

    /** What the log says of itself: pairs of key and value (String or Long). */
    void encodeOwn(Instant time, String phase, Object... pairs) {
        begin(TEXT_MAX, ITEMS_MAX);
        time(time);
        text(AuditFields.EVENT_NAME, AuditFields.EVENT_LOG);
        text(AuditFields.SCHEMA_VERSION, SCHEMA);
        text(AuditFields.PHASE, phase);
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i + 1] instanceof Long number) {
                number((String) pairs[i], number);
            } else {
                text((String) pairs[i], pairs[i + 1].toString());
            }
        }
        finish();
    }

    private void write(AuditRecord r) {
        time(r.time);
        AuditRecord.Phase phase = r.phase;
        text(AuditFields.EVENT_NAME, event(r.direction, r.protocol, phase));
        text(AuditFields.SCHEMA_VERSION, SCHEMA);
        text(AuditFields.PHASE, phase == null ? null : phase.word);
        text(AuditFields.ID, r.id);
        text(AuditFields.DIRECTION, r.direction.word);
        text(AuditFields.SERVICE, r.service);
        peer(r);
        AuditRecord.Protocol protocol = r.protocol;
        text(AuditFields.PROTOCOL_NAME, protocol == AuditRecord.Protocol.HTTP ? null : protocol.word);
        text(AuditFields.PROTOCOL_VERSION, r.protocolVersion);
        text(AuditFields.METHOD, r.method);
        text(AuditFields.AUTHORITY, r.authority);
        int port = r.authorityPort;
        if (port > 0) {
            number(AuditFields.AUTHORITY_PORT, port);
        }
        text(AuditFields.ROUTE, r.route);
        text(AuditFields.TEMPLATE, r.template);
        text(AuditFields.PATH, r.path);
        texts(AuditFields.REDACTED, r.redacted);
        decision(r, phase);
        user(r);
        long revision = r.revision;
        if (revision >= 0) {
            number(AuditFields.REVISION, revision);
        }
        text(AuditFields.POLICY_DIGEST, r.policyDigest);
        if (phase != AuditRecord.Phase.INTENT && r.direction != AuditRecord.Direction.CONNECTION) {
            soFar(r, protocol, phase);
        }
        text(AuditFields.TRACE_ID, r.traceId);
        text(AuditFields.UPSTREAM_SERVICE, r.upstreamService);
        text(AuditFields.UPSTREAM_ID, r.upstreamId);
        text(AuditFields.UPSTREAM_SERIAL, r.upstreamSerial);
        text(AuditFields.UPSTREAM_FINGERPRINT, r.upstreamFingerprint);
        text(AuditFields.UPSTREAM_ADDRESS, r.upstreamAddress);
        texts(AuditFields.ATTEMPTS, r.attempts);
        int resends = r.resends;
        if (resends > 0) {
            number(AuditFields.RESENDS, resends);
        }
        long repeats = r.repeats;
        if (repeats > 0) {
            number(AuditFields.REPEATS, repeats);
        }
        finish();
    }

    /** An allowed request that its service answered with an error was a failure all the same. */
    private static String outcome(
            AuditRecord.@Nullable Verdict verdict, int status, AuditRecord.@Nullable Phase phase) {
        if (phase == AuditRecord.Phase.INTENT || phase == AuditRecord.Phase.INTERVAL) {
            return UNKNOWN;
        }
        return verdict == AuditRecord.Verdict.ALLOW && status < CLIENT_ERROR ? SUCCESS : FAILURE;
    }

    /** Why there was no usable answer; null where there was one, or where the policy said no. */
    private static @Nullable String error(AuditRecord.@Nullable Verdict verdict, int status, @Nullable String reason) {
        if (verdict == AuditRecord.Verdict.ALLOW) {
            return status >= SERVER_ERROR ? Integer.toString(status) : null;
        }
        return verdict == AuditRecord.Verdict.ERROR || status >= SERVER_ERROR ? reason : null;
    }

    private static String event(
            AuditRecord.Direction direction, AuditRecord.Protocol protocol, AuditRecord.@Nullable Phase phase) {
        if (direction == AuditRecord.Direction.CONNECTION) {
            return AuditFields.EVENT_CONNECTION;
        } else if (phase == AuditRecord.Phase.INTENT) {
            return AuditFields.EVENT_INTENT;
        } else if (phase == AuditRecord.Phase.INTERVAL) {
            return AuditFields.EVENT_INTERVAL;
        }
        return protocol == AuditRecord.Protocol.TCP ? AuditFields.EVENT_STREAM : AuditFields.EVENT_REQUEST;
    }

    /** How far it came; where it has ended, all of it. */
    private void soFar(AuditRecord r, AuditRecord.Protocol protocol, AuditRecord.@Nullable Phase phase) {
        boolean http = protocol == AuditRecord.Protocol.HTTP;
        int status = r.status;
        if (protocol != AuditRecord.Protocol.TCP) {
            number(AuditFields.STATUS, status);
        }
        number(http ? AuditFields.REQUEST_BYTES : AuditFields.RECEIVED_BYTES, r.requestBytes);
        number(http ? AuditFields.RESPONSE_BYTES : AuditFields.SENT_BYTES, r.responseBytes);
        number(AuditFields.DURATION_MICROS, r.durationMicros);
        number(AuditFields.PROCESSING_MICROS, r.processingMicros);
        if (phase != AuditRecord.Phase.INTERVAL) {
            text(AuditFields.ERROR_TYPE, error(r.verdict, status, r.reason));
        }
    }

    private void decision(AuditRecord r, AuditRecord.@Nullable Phase phase) {
        AuditRecord.Verdict verdict = r.verdict;
        text(AuditFields.DECISION, verdict == null ? null : verdict.word);
        json.append(outcome(verdict, r.status, phase));
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
        map(AuditFields.OPA, r.opa, textMember);
        text(AuditFields.OPA_DETAIL, r.opaDetail);
        map(AuditFields.INPUTS, r.inputs, textsMember);
        map(AuditFields.INPUTS_KEYED, r.keyedInputs, textsMember);
        text(AuditFields.DETAIL, r.detail);
    }

    private void peer(AuditRecord r) {
        text(AuditFields.PEER_ADDRESS, r.peerAddress);
        String caller = r.callerId;
        text(AuditFields.ACTOR_ID, caller == null ? "anonymous" : caller);
        text(AuditFields.PEER_SERIAL, r.peerSerial);
        text(AuditFields.PEER_FINGERPRINT, r.peerFingerprint);
        text(AuditFields.PEER_ISSUER, r.peerIssuer);
        text(AuditFields.PEER_NOT_AFTER, r.peerNotAfter);
        text(AuditFields.TLS_VERSION, r.tlsVersion);
        text(AuditFields.TLS_CIPHER, r.tlsCipher);
        text(AuditFields.TLS_CURVE, r.tlsCurve);
    }

    private void user(AuditRecord r) {
        text(AuditFields.TOKEN_RESULT, r.tokenResult);
        text(AuditFields.TOKEN_KEY_ID, r.tokenKeyId);
        Instant issuedAt = r.tokenIssuedAt;
        if (issuedAt != null) {
            number(AuditFields.TOKEN_ISSUED_AT, issuedAt.getEpochSecond());
        }
        Instant expiresAt = r.tokenExpiresAt;
        if (expiresAt != null) {
            number(AuditFields.TOKEN_EXPIRES_AT, expiresAt.getEpochSecond());
        }
        text(AuditFields.TOKEN_ID_HASH, r.tokenIdHash);
        text(AuditFields.USER_CARRIED, r.userCarried);
        texts(AuditFields.USER_VIA, r.userVia);
        text(AuditFields.USER_ISSUER, r.userIssuer);
        text(AuditFields.USER_HASH, r.userHash);
        texts(AuditFields.USER_ROLES, r.userRoles);
        texts(AuditFields.USER_SCOPES, r.userScopes);
        map(AuditFields.USER_CLAIMS, r.userClaims, textMember);
    }

    private <V> void map(String key, @Nullable SortedMap<String, V> values, BiConsumer<String, V> member) {
        if (values == null || isTooLarge()) {
            return;
        }
        json.name(key);
        json.append('{');
        items = 0;
        values.forEach(member);
        json.append('}');
    }

    private void textMember(String name, String value) {
        if (isNewName(name)) {
            text(value);
        }
    }

    private void textsMember(String name, List<String> values) {
        if (isNewName(name)) {
            texts(values);
        }
    }

    /** Writes the name, unless there are enough, or another is the same when cut: a repeated member would spoil the whole record. */
    private boolean isNewName(String name) {
        if (isTooLarge()) {
            return false;
        }
        int before = json.length();
        if (items < itemsMax) {
            json.comma();
            int from = json.length();
            text(name);
            if (!isWritten(from, json.length())) {
                names[2 * items] = from;
                names[2 * items + 1] = json.length();
                items++;
                json.append(':');
                return true;
            }
        }
        json.cut(before);
        truncated = true;
        return false;
    }

    private boolean isWritten(int from, int to) {
        byte[] bytes = json.array();
        for (int i = 0; i < items; i++) {
            if (Arrays.equals(bytes, names[2 * i], names[2 * i + 1], bytes, from, to)) {
                return true;
            }
        }
        return false;
    }

    private void finish() {
        if (truncated) {
            json.name(AuditFields.TRUNCATED);
            json.append("true");
        }
    }

    /** Nanoseconds since 1970 as decimal text: beyond what a JSON number keeps exactly. */
    private void time(Instant time) {
        json.name(AuditFields.TIMESTAMP);
        json.append('"');
        json.number(time.getEpochSecond());
        json.padded(time.getNano(), 9);
        json.append('"');
    }

    private void text(String key, @Nullable String value) {
        if (value != null && !isTooLarge()) {
            json.name(key);
            text(value);
        }
    }

    private void texts(String key, @Nullable List<String> values) {
        if (values != null && !isTooLarge()) {
            json.name(key);
            texts(values);
        }
    }

    private void texts(List<String> values) {
        int count = Math.min(values.size(), itemsMax);
        json.append('[');
        for (int i = 0; i < count && !isTooLarge(); i++) {
            json.comma();
            text(values.get(i));
        }
        json.append(']');
        truncated |= values.size() > itemsMax;
    }

    private void text(String value) {
        int end = Math.min(value.length(), textMax);
        truncated |= end < value.length();
        json.text(value, end);
    }

    private void number(String key, long value) {
        json.name(key);
        json.number(value);
    }
}
