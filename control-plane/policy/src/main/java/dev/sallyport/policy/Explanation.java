package dev.sallyport.policy;

import java.util.List;
import java.util.Optional;

/**
 * Why: each guardrail that means the service and each rule of the matched route with its conditions in order, up to the first that failed; the nearest allow; what the decision would
 * be if nothing were in dry run.
 */
public record Explanation(
        Decision decision,
        Optional<Decision> shadow,
        List<GuardrailTrace> guardrails,
        List<RuleTrace> rules,
        Optional<RuleRef> nearest,
        String advice) {
    public Explanation {
        guardrails = List.copyOf(guardrails);
        rules = List.copyOf(rules);
    }

    /** Of a request whose facts could not be read. */
    static Explanation broken(Decision decision) {
        return new Explanation(
                decision,
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                "a fact of the request could not be read, and what a decision cannot do without, denies");
    }

    /** One denial of a guardrail: what it is about, and what it demands; {@code denies} when the request is meant and a demand is not met. */
    public record GuardrailTrace(GuardrailRef guardrail, List<ConditionTrace> conditions, boolean denies) {
        public GuardrailTrace {
            conditions = List.copyOf(conditions);
        }
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
