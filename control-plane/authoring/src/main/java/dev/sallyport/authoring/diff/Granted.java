package dev.sallyport.authoring.diff;

import dev.sallyport.policy.FieldCondition;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RuleRef;
import java.util.List;

/** A live rule as it applies in one route: {@code fields} are the route's and its own, {@code match} gives the variables of the path their places. */
record Granted(RuleRef ref, Rule rule, List<FieldCondition> fields, Match match) {
    Granted {
        fields = List.copyOf(fields);
    }

    /** Everything but who calls; two rules that are alike so govern alike. */
    List<Object> essence() {
        return List.of(
                rule.name(),
                rule.user(),
                fields,
                rule.when(),
                rule.opa(),
                rule.expires(),
                rule.forwardToken(),
                rule.forwardUnverified());
    }
}
