package dev.sallyport.cli.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.audit.AuditFields;
import dev.sallyport.cli.Invocation;
import java.util.Map;
import java.util.Optional;

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

    private final JsonNode record;
    private final ObjectNode ocsf = Invocation.JSON.createObjectNode();

    private OcsfHttpActivity(JsonNode record) {
        this.record = record;
    }

    /** {@code record}: with its members as they are on disk; {@code stream}: of the sidecar's log. Empty for what is neither a request's end nor a refused connection. */
    static Optional<ObjectNode> of(JsonNode record, String stream) {
        String event = record.path(AuditFields.EVENT_NAME).asText();
        if (!event.equals(AuditFields.EVENT_REQUEST) && !event.equals(AuditFields.EVENT_CONNECTION)) {
            return Optional.empty();
        }
        OcsfHttpActivity activity = new OcsfHttpActivity(record);
        activity.head();
        activity.who();
        activity.request();
        activity.tls();
        activity.decision();
        activity.integrity(stream);
        return Optional.of(activity.ocsf);
    }

    private void head() {
        String method = text(AuditFields.METHOD);
        int activity = method.isEmpty() ? 0 : ACTIVITIES.getOrDefault(method, OTHER);
        ocsf.put("class_uid", CLASS)
                .put("category_uid", CLASS / 1000)
                .put("activity_id", activity)
                .put("type_uid", CLASS * 100 + activity)
                .put("severity_id", 1)
                .put("time", record.path(AuditFields.TIMESTAMP).asLong() / 1_000_000);
        ObjectNode metadata = ocsf.putObject("metadata").put("version", "1.9.0");
        metadata.putObject("product").put("name", "Sallyport").put("vendor_name", "Sallyport");
        metadata.putArray("profiles")
                .add("security_control")
                .add("trace")
                .add("record_integrity")
                .add("host");
        put(metadata, "uid", AuditFields.ID);
        metadata.put("sequence", record.path(AuditFields.NUMBER).asLong());
        if (record.path(AuditFields.TRUNCATED).asBoolean()) {
            metadata.put("is_truncated", true);
        }
        if (record.has(AuditFields.DURATION_MICROS)) {
            ocsf.put("duration", record.path(AuditFields.DURATION_MICROS).asLong() / 1_000);
        }
        if (record.has(AuditFields.TRACE_ID)) {
            put(ocsf.putObject("trace"), "uid", AuditFields.TRACE_ID);
        }
    }

    private void who() {
        ObjectNode actor = ocsf.putObject("actor");
        put(actor, "app_uid", AuditFields.ACTOR_ID);
        if (record.has(AuditFields.USER_HASH)) {
            ObjectNode user = actor.putObject("user");
            put(user, "uid", AuditFields.USER_HASH);
            if (record.has(AuditFields.USER_ROLES)) {
                record.path(AuditFields.USER_ROLES)
                        .forEach(role -> user.withArray("groups").addObject().put("name", role.asText()));
            }
        }
        String peer = text(AuditFields.PEER_ADDRESS);
        int colon = peer.lastIndexOf(':');
        ObjectNode source = ocsf.putObject("src_endpoint");
        if (colon > 0 && peer.substring(colon + 1).matches("\\d{1,5}")) {
            source.put("ip", peer.substring(0, colon).replaceAll("[\\[\\]]", ""));
            source.put("port", Integer.parseInt(peer.substring(colon + 1)));
        } else if (!peer.isEmpty()) {
            source.put("ip", peer);
        }
        ObjectNode destination = ocsf.putObject("dst_endpoint");
        put(destination, "hostname", AuditFields.AUTHORITY);
        boolean out = text(AuditFields.DIRECTION).equals("outbound");
        put(destination, "svc_name", out ? AuditFields.UPSTREAM_SERVICE : AuditFields.SERVICE);
    }

    private void request() {
        ObjectNode request = ocsf.putObject("http_request");
        put(request, "http_method", AuditFields.METHOD);
        if (record.has(AuditFields.PATH)) {
            put(request.putObject("url"), "path", AuditFields.PATH);
        }
        if (record.has(AuditFields.STATUS)) {
            ocsf.putObject("http_response")
                    .put("code", record.path(AuditFields.STATUS).asInt());
        }
    }

    private void tls() {
        if (!record.has(AuditFields.TLS_VERSION)) {
            return;
        }
        ObjectNode tls = ocsf.putObject("tls");
        put(tls, "version", AuditFields.TLS_VERSION);
        put(tls, "cipher", AuditFields.TLS_CIPHER);
        if (record.has(AuditFields.PEER_SERIAL) || record.has(AuditFields.PEER_FINGERPRINT)) {
            ObjectNode certificate = tls.putObject("certificate");
            put(certificate, "serial_number", AuditFields.PEER_SERIAL);
            if (record.has(AuditFields.PEER_FINGERPRINT)) {
                fingerprint(certificate.putArray("fingerprints").addObject(), AuditFields.PEER_FINGERPRINT);
            }
        }
    }

    private void decision() {
        String decision = text(AuditFields.DECISION);
        int status = record.path(AuditFields.STATUS).asInt();
        boolean allowed = decision.equals("allow");
        ocsf.put("action_id", allowed ? 1 : decision.equals("deny") ? 2 : 0);
        ocsf.put("status_id", status == 0 ? 0 : allowed && status < FAILED_FROM ? 1 : 2);
        put(ocsf, "status_detail", AuditFields.REASON);
        if (!decision.isEmpty()) {
            ocsf.putArray("authorizations").addObject().put("decision", decision);
        }
        ObjectNode policy = ocsf.putObject("policy").put("is_applied", true);
        put(policy, "uid", record.has(AuditFields.RULE) ? AuditFields.RULE : AuditFields.GUARDRAIL);
        put(policy, "version", AuditFields.POLICY_DIGEST);
    }

    private void integrity(String stream) {
        ObjectNode attestation = ocsf.putObject("attestation");
        if (!stream.isEmpty()) {
            attestation.put("chain_uid", stream);
        }
        fingerprint(attestation.putObject("prev_event").putObject("fingerprint"), AuditFields.PREVIOUS_HASH);
        fingerprint(attestation.putObject("fingerprint"), AuditFields.HASH);
    }

    private void fingerprint(ObjectNode fingerprint, String member) {
        fingerprint.put("algorithm_id", SHA_256);
        put(fingerprint, "value", member);
    }

    private void put(ObjectNode object, String name, String member) {
        String text = text(member);
        if (!text.isEmpty()) {
            object.put(name, text);
        }
    }

    private String text(String member) {
        return record.path(member).asText("");
    }
}
