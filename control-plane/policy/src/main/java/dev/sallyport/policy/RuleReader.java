package dev.sallyport.policy;

import dev.sallyport.document.Fields;
import dev.sallyport.policy.RoutePolicy.Callers;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Reads one rule of a route. */
final class RuleReader {
    private final Reading reading;
    private final boolean tcp;
    private final List<FieldCondition> ofRoute;

    /** {@code ofRoute}: what each rule of the route has to meet as well. */
    RuleReader(Reading reading, boolean tcp, List<FieldCondition> ofRoute) {
        this.reading = reading;
        this.tcp = tcp;
        this.ofRoute = ofRoute;
    }

    Rule read(String name, Fields rule) {
        Names.check(name, rule);
        Callers from = new CallersReader(reading).read(rule, "from");
        UserRequirement user = new UserReader(reading, rule, "user").read();
        List<FieldCondition> fields = FieldConditionReader.read(reading, rule, "headers", "query");
        fields.forEach(field -> checkPossible(field, rule));
        Optional<When> when = WhenReader.read(reading, rule, "when");
        Optional<OpaQuery> opa = OpaReader.query(reading, rule);
        Optional<Instant> expires = rule.instant("expires");
        boolean dryRun = rule.oneOf("mode", Observation.ENFORCE, Observation.ENFORCE, Observation.DRY_RUN)
                .equals(Observation.DRY_RUN);
        boolean forwardToken = rule.bool("forwardToken", false);
        boolean forwardUnverified = rule.bool("forwardUnverified", false);
        if (forwardUnverified && !(user instanceof UserRequirement.None)) {
            rule.problem(
                    "forwardUnverified",
                    Codes.VIA,
                    "true, and the rule looks at the user (expected: user: none; what a rule verifies goes on by forwardToken)");
        }
        if (tcp) {
            Connections.refuse(rule, "headers", "query", "when", "opa");
            Connections.refuse(!(user instanceof UserRequirement.None), rule, "user");
            Connections.refuse(forwardToken, rule, "forwardToken");
            Connections.refuse(forwardUnverified, rule, "forwardUnverified");
        }
        rule.later("limit", "audit", "via");
        rule.done();
        return new Rule(name, from, user, fields, when, opa, expires, dryRun, forwardToken, forwardUnverified);
    }

    private void checkPossible(FieldCondition field, Fields rule) {
        boolean never = !field.oneOf().isEmpty()
                && ofRoute.stream()
                        .filter(other ->
                                other.kind() == field.kind() && other.name().equals(field.name()))
                        .anyMatch(other -> Collections.disjoint(other.oneOf(), field.oneOf()));
        if (never) {
            rule.problem(
                    field.kind() == FieldCondition.Kind.HEADER ? "headers" : "query",
                    Codes.FIELD_NEVER,
                    field.name() + ": none of the values that the route asks for (expected: one that both name, or the"
                            + " condition in one place)");
        }
    }
}
