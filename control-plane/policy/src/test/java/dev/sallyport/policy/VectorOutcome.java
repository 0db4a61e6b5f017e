package dev.sallyport.policy;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What came out, in the words of a vector. */
final class VectorOutcome {
    /** What a vector may expect. */
    static final List<String> KEYS = List.of(
            "expect",
            "reason",
            "status",
            "rule",
            "nearest",
            "guardrail",
            "observed",
            "query",
            "shadow",
            "route",
            "match",
            "provesUser",
            "forwardToken",
            "forwardUnverified",
            "limit",
            "audit",
            "inputs");

    /** Compared only where a vector states them; what is not here and not stated must not come out. */
    private static final Set<String> WHERE_STATED =
            Set.of("route", "match", "provesUser", "forwardToken", "forwardUnverified", "limit", "audit", "inputs");

    private VectorOutcome() {}

    static SortedMap<String, String> refused(RequestRejectedException refused) {
        return new TreeMap<>(Map.of(
                "expect", "deny",
                "reason", refused.reason().code(),
                "status", String.valueOf(refused.reason().status())));
    }

    /** As far as {@code expected} asks. */
    static SortedMap<String, String> of(Decision decision, Optional<Decision> shadow, Set<String> expected) {
        SortedMap<String, String> outcome = new TreeMap<>(of(decision));
        shadow.ifPresent(other -> of(other).forEach((key, value) -> outcome.put("shadow." + key, value)));
        outcome.keySet().removeIf(key -> WHERE_STATED.contains(key.replace("shadow.", "")) && !expected.contains(key));
        return outcome;
    }

    private static SortedMap<String, String> of(Decision decision) {
        SortedMap<String, String> out = new TreeMap<>();
        decision.route().ifPresent(route -> {
            out.put("route", route.name());
            out.put("match", route.match().toString());
            out.put("inputs", inputs(route.inputs()));
        });
        switch (decision) {
            case Decision.Allow allow -> allow(allow, out);
            case Decision.Deny deny -> {
                out.put("expect", "deny");
                out.put("reason", deny.reason().code());
                out.put("status", String.valueOf(deny.reason().status()));
                deny.nearest().ifPresent(rule -> out.put("nearest", rule.toString()));
                deny.guardrail().ifPresent(guardrail -> out.put("guardrail", guardrail.toString()));
            }
            case Decision.Ask ask -> {
                out.put("expect", "ask");
                out.put("rule", ask.rule().toString());
                out.put("query", ask.query().target() + "/" + ask.query().path());
            }
        }
        return out;
    }

    private static void allow(Decision.Allow allow, Map<String, String> out) {
        out.put("expect", "allow");
        allow.rule().ifPresent(rule -> out.put("rule", rule.toString()));
        allow.observed().ifPresent(denial -> {
            out.put("observed", denial.reason().code());
            denial.nearest().ifPresent(rule -> out.put("nearest", rule.toString()));
        });
        out.put("provesUser", String.valueOf(allow.proof() != Decision.Proof.NOWHERE));
        out.put("forwardToken", String.valueOf(allow.forwarding() == Decision.Forwarding.VERIFIED));
        out.put("forwardUnverified", String.valueOf(allow.forwarding() == Decision.Forwarding.UNVERIFIED));
        out.put("audit", allow.audit().name().toLowerCase(Locale.ROOT));
        out.put("limit", allow.limit().map(VectorOutcome::limit).orElse("none"));
    }

    /** {@code 50 in 1s, burst 50, per caller}. */
    private static String limit(RoutePolicy.Limit limit) {
        return limit.requests() + " in " + limit.window().toSeconds() + "s, burst " + limit.burst() + ", per "
                + limit.per().name().toLowerCase(Locale.ROOT);
    }

    /** {@code header.x-n keyed, query.m clear}. */
    private static String inputs(Inputs inputs) {
        return inputs.fields().isEmpty()
                ? "none"
                : inputs.fields().entrySet().stream()
                        .map(input ->
                                input.getKey() + " " + input.getValue().name().toLowerCase(Locale.ROOT))
                        .collect(joining(", "));
    }
}
