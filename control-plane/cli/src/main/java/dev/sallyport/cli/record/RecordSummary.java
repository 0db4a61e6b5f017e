package dev.sallyport.cli.record;

import dev.sallyport.audit.AuditFields;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** What a record says, by the labels that people read. */
final class RecordSummary {
    private final Recorded recorded;
    private final SequencedMap<String, String> facts = new LinkedHashMap<>();

    private RecordSummary(Recorded recorded) {
        this.recorded = recorded;
    }

    static SequencedMap<String, String> of(Recorded recorded) {
        RecordSummary summary = new RecordSummary(recorded);
        summary.request();
        if (recorded.direction().equals("outbound")) {
            summary.called();
        } else {
            summary.facts.put("caller", summary.caller());
        }
        if (recorded.inbound()) {
            summary.facts.put("user", summary.user());
        } else {
            recorded.text(AuditFields.USER_CARRIED)
                    .ifPresent(word -> summary.facts.put("user", word + summary.carriers(", carried by ")));
        }
        summary.decision();
        return summary.facts;
    }

    private void request() {
        recorded.text(AuditFields.METHOD).ifPresent(method -> {
            String path = recorded.text(AuditFields.PATH).orElse("(path not on record)");
            facts.put("request", method + " " + path + after(" → route ", AuditFields.ROUTE));
        });
        put("trace", AuditFields.TRACE_ID);
    }

    private void called() {
        recorded.text(AuditFields.UPSTREAM_SERVICE)
                .ifPresent(service -> facts.put(
                        "called",
                        service + after(" ", AuditFields.UPSTREAM_ID) + after(" at ", AuditFields.UPSTREAM_ADDRESS)));
    }

    private String caller() {
        Optional<String> serial = recorded.text(AuditFields.PEER_SERIAL);
        return recorded.text(AuditFields.ACTOR_ID)
                        .filter(id -> !id.equals("anonymous"))
                        .orElse("nobody proven")
                + after("  from ", AuditFields.PEER_ADDRESS)
                + after("  ", AuditFields.TLS_VERSION)
                + after("  certificate ", AuditFields.PEER_SERIAL)
                + recorded.text(AuditFields.PEER_FINGERPRINT)
                        .filter(_ -> serial.isEmpty())
                        .map(fingerprint -> "  certificate sha256:" + Cut.digest(fingerprint))
                        .orElse("");
    }

    private String user() {
        String own = recorded.text(AuditFields.TOKEN_RESULT).orElse("");
        String hop = recorded.text(AuditFields.USER_CARRIED).orElse("absent");
        return switch (own) {
            case "" -> "no rule looked at a token";
            case "verified" -> named() + beside(hop);
            case "absent" ->
                switch (hop) {
                    case "absent" -> "no token";
                    case "verified" -> named() + carriers("  carried by ");
                    default -> bad("hop token", hop);
                };
            default -> bad("token", own);
        };
    }

    private static String bad(String what, String result) {
        return result.equals("unjudged")
                ? "a " + what + " that nobody looked at: its caller sent too many new ones"
                : "a refused " + what + ": " + result;
    }

    /** What a hop token was worth where the user's own token was good. */
    private String beside(String hop) {
        return switch (hop) {
            case "absent" -> "";
            case "verified" -> carriers("  also carried by ");
            case "other_user" -> "  beside a hop token of another user" + carriers(", carried by ");
            default -> "  beside " + bad("hop token", hop);
        };
    }

    private String carriers(String before) {
        List<String> via = recorded.texts(AuditFields.USER_VIA);
        return via.isEmpty() ? "" : before + String.join(", ", via);
    }

    private String named() {
        Map<String, String> claims = recorded.map(AuditFields.USER_CLAIMS);
        return recorded.text(AuditFields.USER_HASH).orElse("?") + " (issuer "
                + recorded.text(AuditFields.USER_ISSUER).orElse("?") + ") roles="
                + recorded.texts(AuditFields.USER_ROLES)
                + (recorded.texts(AuditFields.USER_SCOPES).isEmpty()
                        ? ""
                        : " scopes=" + recorded.texts(AuditFields.USER_SCOPES))
                + (claims.isEmpty() ? "" : " claims=" + claims);
    }

    private void decision() {
        put("rule", AuditFields.RULE);
        put("guardrail", AuditFields.GUARDRAIL);
        put("limit", AuditFields.LIMIT);
        Map<String, String> answers = recorded.map(AuditFields.OPA);
        if (!answers.isEmpty()) {
            facts.put("opa", answers + after(" ", AuditFields.OPA_DETAIL));
        }
        recorded.text(AuditFields.OBSERVED).ifPresent(reason -> facts.put("observed", "would be denied: " + reason));
        recorded.text(AuditFields.CANDIDATE_DECISION)
                .ifPresent(decision -> facts.put(
                        "dry run",
                        decision
                                + after(" ", AuditFields.CANDIDATE_REASON)
                                + after(" by ", AuditFields.CANDIDATE_RULE)));
    }

    private void put(String label, String field) {
        recorded.text(field).ifPresent(value -> facts.put(label, value));
    }

    private String after(String before, String field) {
        return recorded.text(field).map(value -> before + value).orElse("");
    }
}
