package dev.sallyport.authoring.diff;

import dev.sallyport.policy.FieldCondition;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RuleRef;
import java.util.List;

/** A live rule as it applies in one route: {@code fields} are the route's and its own. */
record Granted(RuleRef ref, Rule rule, List<FieldCondition> fields) {
    Granted {
        fields = List.copyOf(fields);
    }
}
