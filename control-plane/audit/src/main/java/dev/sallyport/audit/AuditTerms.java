package dev.sallyport.audit;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What follows from a record and is therefore not in it, in the words of OpenTelemetry's audit draft: a sidecar hashes and writes each byte for each request, an export adds these once.
 * Good for records of every schema version. Any thread.
 */
public final class AuditTerms {
    /** RFC 9110 section 9.2.1; TRACE is never forwarded. */
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

    private AuditTerms() {}

    /** {@code fields}, as {@link AuditReader} gives them, with what follows from them; what a record says itself stays. */
    public static Map<String, Object> complete(Map<String, Object> fields) {
        Map<String, Object> all = new LinkedHashMap<>(fields);
        if (AuditFields.EVENT_LOG.equals(fields.get(AuditFields.EVENT_NAME))) {
            return all;
        }
        all.putIfAbsent(AuditFields.PHASE, "single");
        boolean known = text(fields, AuditFields.ACTOR_ID)
                .filter(id -> !id.equals("anonymous"))
                .isPresent();
        if (known) {
            all.putIfAbsent(AuditFields.ACTOR_TYPE, "service");
        }
        action(fields).ifPresent(word -> all.putIfAbsent(AuditFields.ACTION, word));
        target(fields, all);
        text(fields, AuditFields.RULE)
                .filter(rule -> rule.indexOf('/') > 0)
                .ifPresent(rule -> all.putIfAbsent(AuditFields.RULESET, rule.substring(0, rule.indexOf('/'))));
        if (!AuditFields.EVENT_CONNECTION.equals(fields.get(AuditFields.EVENT_NAME))) {
            protocol(all);
        }
        if (fields.containsKey(AuditFields.TLS_VERSION)) {
            all.putIfAbsent(AuditFields.TLS_RESUMED, false); // There are no tickets here, and no session cache.
        }
        return all;
    }

    private static Optional<String> action(Map<String, Object> fields) {
        Object event = fields.get(AuditFields.EVENT_NAME);
        if (AuditFields.EVENT_CONNECTION.equals(event) || AuditFields.EVENT_STREAM.equals(event)) {
            return Optional.of("connect");
        }
        return text(fields, AuditFields.METHOD).map(method -> SAFE.contains(method) ? "read" : "write");
    }

    private static void target(Map<String, Object> fields, Map<String, Object> all) {
        Optional<String> route = text(fields, AuditFields.ROUTE);
        route.or(() -> text(fields, AuditFields.UPSTREAM_SERVICE))
                .or(() -> text(fields, AuditFields.SERVICE))
                .ifPresent(target -> {
                    all.putIfAbsent(AuditFields.TARGET_ID, target);
                    all.putIfAbsent(AuditFields.TARGET_TYPE, route.isPresent() ? "http.endpoint" : "service");
                });
    }

    private static void protocol(Map<String, Object> all) {
        all.putIfAbsent(AuditFields.PROTOCOL_NAME, "http");
        if (all.get(AuditFields.PROTOCOL_NAME).equals("http")) {
            all.putIfAbsent(AuditFields.SCHEME, "http");
            all.putIfAbsent(AuditFields.PROTOCOL_VERSION, "1.1");
        }
        if (all.containsKey(AuditFields.RULE)) {
            all.putIfAbsent(AuditFields.LEVEL, "buffered");
        }
    }

    private static Optional<String> text(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof String text ? Optional.of(text) : Optional.empty();
    }
}
