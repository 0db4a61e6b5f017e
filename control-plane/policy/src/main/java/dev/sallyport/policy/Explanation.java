package dev.sallyport.policy;

import java.util.List;
import java.util.Optional;

/** Why: each rule of the matched route with its conditions in order, up to the first that failed; the nearest allow. */
public record Explanation(Decision decision, List<RuleTrace> rules, Optional<RuleRef> nearest, String advice) {
    public Explanation {
        rules = List.copyOf(rules);
    }

    /** One rule; {@code held} when every condition did. */
    public record RuleTrace(RuleRef rule, List<ConditionTrace> conditions, boolean held) {
        public RuleTrace {
            conditions = List.copyOf(conditions);
        }
    }

    /** {@code from}, expected {@code [orders, backoffice]}, actual {@code catalog}. Never a token or a raw claim that is not declared. */
    public record ConditionTrace(String condition, String expected, String actual, boolean held) {}
}
