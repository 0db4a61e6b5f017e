package dev.sallyport.policy;

import dev.sallyport.document.Fields;
import dev.sallyport.policy.RoutePolicy.Callers;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Reads one rule of a route. */
final class RuleReader {
    private final Reading reading;
    private final boolean tcp;

    RuleReader(Reading reading, boolean tcp) {
        this.reading = reading;
        this.tcp = tcp;
    }

    Rule read(String name, Fields rule) {
        Names.check(name, rule);
        Callers from = new CallersReader(reading).read(rule, "from");
        UserRequirement user = new UserReader(reading, rule, "user").read();
        List<FieldCondition> fields = FieldConditionReader.read(rule, "headers", "query");
        Optional<When> when = WhenReader.read(reading, rule, "when");
        Optional<OpaQuery> opa = OpaReader.query(reading, rule);
        Optional<Instant> expires = rule.instant("expires");
        boolean dryRun = rule.oneOf("mode", Observation.ENFORCE, Observation.ENFORCE, Observation.DRY_RUN)
                .equals(Observation.DRY_RUN);
        boolean forwardToken = rule.bool("forwardToken", false);
        if (tcp) {
            Connections.refuse(rule, "headers", "query", "when", "opa");
            Connections.refuse(!(user instanceof UserRequirement.None), rule, "user");
            Connections.refuse(forwardToken, rule, "forwardToken");
        }
        rule.later("limit", "audit", "via", "forwardUnverified");
        rule.done();
        return new Rule(name, from, user, fields, when, opa, expires, dryRun, forwardToken);
    }
}
