package dev.sallyport.audit.export;

import dev.sallyport.audit.AuditFields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A record as OCSF 1.9 says it: class 4002, HTTP Activity, with the profiles security_control, trace and record_integrity. A copy for other tools, never the evidence: what has no place
 * there is left out. A decision and an outcome are two things: an allowed request can still fail.
 */
final class OcsfHttpActivity {
    private static final int CLASS = 4002;
    private static final int SHA_256 = 3;
    private static final int FAILED_FROM = 400;
    private static final Map<String, Integer> ACTIVITIES = Map.of(
            "CONNECT", 1, "DELETE", 2, "GET", 3, "HEAD", 4, "OPTIONS", 5, "POST", 6, "PUT", 7, "TRACE", 8, "PATCH", 9);

    private static final int OTHER = 99;

    private final Map<String, Object> record;
    private final Map<String, Object> ocsf = new LinkedHashMap<>();

    private OcsfHttpActivity(Map<String, Object> record) {
        this.record = record;
    }

    /** {@code record}: with its members as they are on disk; {@code stream}: of the sidecar's log. */
    static Map<String, Object> of(Map<String, Object> record, String stream) {
        OcsfHttpActivity activity = new OcsfHttpActivity(record);
        activity.head();
        activity.who();
        activity.request();
        activity.tls();
        activity.decision();
        activity.integrity(stream);
        return activity.ocsf;
    }

    static Map<String, Object> metadata(List<String> profiles, String uid) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("version", "1.9.0");
        metadata.put("product", ordered("name", "Sallyport", "vendor_name", "Sallyport"));
        if (!profiles.isEmpty()) {
            metadata.put("profiles", profiles);
        }
        if (!uid.isEmpty()) {
            metadata.put("uid", uid);
        }
        return metadata;
    }

    private void head() {
        String method = text(AuditFields.METHOD);
        int activity = method.isEmpty() ? 0 : ACTIVITIES.getOrDefault(method, OTHER);
        ocsf.put("class_uid", CLASS);
        ocsf.put("category_uid", CLASS / 1000);
        ocsf.put("activity_id", activity);
        ocsf.put("type_uid", CLASS * 100 + activity);
        ocsf.put("severity_id", 1);
        ocsf.put("time", number(AuditFields.TIMESTAMP) / 1_000_000);
        Map<String, Object> metadata =
                metadata(List.of("security_control", "trace", "record_integrity", "host"), text(AuditFields.ID));
        metadata.put("sequence", number(AuditFields.NUMBER));
        if (Boolean.TRUE.equals(record.get(AuditFields.TRUNCATED))) {
            metadata.put("is_truncated", true);
        }
        ocsf.put("metadata", metadata);
        if (record.containsKey(AuditFields.DURATION_MICROS)) {
            ocsf.put("duration", number(AuditFields.DURATION_MICROS) / 1_000);
        }
        if (record.containsKey(AuditFields.TRACE_ID)) {
            put(object(ocsf, "trace"), "uid", AuditFields.TRACE_ID);
        }
    }

    private void who() {
        Map<String, Object> actor = object(ocsf, "actor");
        put(actor, "app_uid", AuditFields.ACTOR_ID);
        if (record.containsKey(AuditFields.USER_HASH)) {
            Map<String, Object> user = object(actor, "user");
            put(user, "uid", AuditFields.USER_HASH);
            if (record.get(AuditFields.USER_ROLES) instanceof List<?> roles && !roles.isEmpty()) {
                List<Object> groups = new ArrayList<>();
                roles.forEach(role -> groups.add(ordered("name", role)));
                user.put("groups", groups);
            }
        }
        String peer = text(AuditFields.PEER_ADDRESS);
        int colon = peer.lastIndexOf(':');
        Map<String, Object> source = object(ocsf, "src_endpoint");
        if (colon > 0 && peer.substring(colon + 1).matches("\\d{1,5}")) {
            source.put("ip", peer.substring(0, colon).replaceAll("[\\[\\]]", ""));
            source.put("port", Integer.parseInt(peer.substring(colon + 1)));
        } else if (!peer.isEmpty()) {
            source.put("ip", peer);
        }
        Map<String, Object> destination = object(ocsf, "dst_endpoint");
        put(destination, "hostname", AuditFields.AUTHORITY);
        boolean out = text(AuditFields.DIRECTION).equals("outbound");
        put(destination, "svc_name", out ? AuditFields.UPSTREAM_SERVICE : AuditFields.SERVICE);
    }

    private void request() {
        Map<String, Object> request = object(ocsf, "http_request");
        put(request, "http_method", AuditFields.METHOD);
        if (record.containsKey(AuditFields.PATH)) {
            put(object(request, "url"), "path", AuditFields.PATH);
        }
        if (record.containsKey(AuditFields.STATUS)) {
            object(ocsf, "http_response").put("code", number(AuditFields.STATUS));
        }
    }

    private void tls() {
        if (!record.containsKey(AuditFields.TLS_VERSION)) {
            return;
        }
        Map<String, Object> tls = object(ocsf, "tls");
        put(tls, "version", AuditFields.TLS_VERSION);
        put(tls, "cipher", AuditFields.TLS_CIPHER);
        if (record.containsKey(AuditFields.PEER_SERIAL) || record.containsKey(AuditFields.PEER_FINGERPRINT)) {
            Map<String, Object> certificate = object(tls, "certificate");
            put(certificate, "serial_number", AuditFields.PEER_SERIAL);
            if (record.containsKey(AuditFields.PEER_FINGERPRINT)) {
                certificate.put("fingerprints", List.of(fingerprint(AuditFields.PEER_FINGERPRINT)));
            }
        }
    }

    private void decision() {
        String decision = text(AuditFields.DECISION);
        long status = number(AuditFields.STATUS);
        boolean allowed = decision.equals("allow");
        ocsf.put("action_id", allowed ? 1 : decision.equals("deny") ? 2 : 0);
        ocsf.put("status_id", status == 0 ? 0 : allowed && status < FAILED_FROM ? 1 : 2);
        put(ocsf, "status_detail", AuditFields.REASON);
        if (!decision.isEmpty()) {
            ocsf.put("authorizations", List.of(ordered("decision", decision)));
        }
        Map<String, Object> policy = object(ocsf, "policy");
        policy.put("is_applied", true);
        put(policy, "uid", record.containsKey(AuditFields.RULE) ? AuditFields.RULE : AuditFields.GUARDRAIL);
        put(policy, "version", AuditFields.POLICY_DIGEST);
    }

    private void integrity(String stream) {
        Map<String, Object> attestation = object(ocsf, "attestation");
        if (!stream.isEmpty()) {
            attestation.put("chain_uid", stream);
        }
        object(attestation, "prev_event").put("fingerprint", fingerprint(AuditFields.PREVIOUS_HASH));
        attestation.put("fingerprint", fingerprint(AuditFields.HASH));
    }

    private Map<String, Object> fingerprint(String member) {
        Map<String, Object> fingerprint = ordered("algorithm_id", SHA_256);
        put(fingerprint, "value", member);
        return fingerprint;
    }

    private static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return object;
    }

    private static Map<String, Object> object(Map<String, Object> parent, String name) {
        Map<String, Object> object = new LinkedHashMap<>();
        parent.put(name, object);
        return object;
    }

    private void put(Map<String, Object> object, String name, String member) {
        String text = text(member);
        if (!text.isEmpty()) {
            object.put(name, text);
        }
    }

    private String text(String member) {
        Object value = record.getOrDefault(member, "");
        return value instanceof Map || value instanceof List ? "" : value.toString();
    }

    /** 0 for whatever is no number. */
    private long number(String member) {
        try {
            return Long.parseLong(text(member));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
