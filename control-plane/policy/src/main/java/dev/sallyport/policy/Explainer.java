package dev.sallyport.policy;

import dev.sallyport.policy.Explanation.ConditionTrace;
import dev.sallyport.policy.Explanation.GuardrailTrace;
import dev.sallyport.policy.Explanation.RuleTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Puts a decision into words: the same conditions, asked again of the same facts, with what they expected and saw. */
final class Explainer {
    private final String service;
    private final List<CompiledRoute> routes;
    private final List<CompiledDenial> guardrails;
    private final Evaluation evaluation;

    Explainer(String service, List<CompiledRoute> routes, List<CompiledDenial> guardrails, Evaluation evaluation) {
        this.service = service;
        this.routes = routes;
        this.guardrails = guardrails;
        this.evaluation = evaluation;
    }

    Explanation explain(Decision decision, Optional<Decision> shadow) {
        if (decision.reason() == Reason.INTERNAL_ERROR && decision instanceof Decision.Deny broken) {
            return Explanation.broken(broken);
        }
        List<CompiledRule> rules = evaluation.route().rulesByName();
        Optional<RuleRef> nearest = switch (decision) {
            case Decision.Allow allow ->
                allow.observed().map(Decision.Deny::nearest).orElse(allow.rule());
            case Decision.Ask ask -> Optional.of(ask.rule());
            case Decision.Deny deny -> deny.nearest();
        };
        return new Explanation(
                decision,
                shadow,
                guardrails.stream().map(this::trace).toList(),
                rules.stream().map(this::trace).toList(),
                nearest,
                new Advice(service, routes, evaluation).of(decision));
    }

    private RuleTrace trace(CompiledRule rule) {
        List<ConditionTrace> conditions = new ArrayList<>();
        evaluation.begin(rule.grants().carried());
        boolean held = traceUntilUnmet(rule.conditions(), conditions);
        return new RuleTrace(rule.ref(), conditions, held);
    }

    private boolean traceUntilUnmet(List<Condition> conditions, List<ConditionTrace> traced) {
        for (Condition condition : conditions) {
            boolean held = condition.verdict(evaluation) == Reason.ALLOWED;
            traced.add(new ConditionTrace(condition.name(), condition.expected(), condition.actual(evaluation), held));
            if (!held) {
                return false;
            }
        }
        return true;
    }

    /** What it is about as conditions that "hold" when the request is not meant: any of them lets the request pass. */
    private GuardrailTrace trace(CompiledDenial denial) {
        List<ConditionTrace> conditions = new ArrayList<>();
        evaluation.begin(denial.carried());
        boolean meets = denial.meets(evaluation, LoosePath.isRelaxed(evaluation.facts()));
        if (!denial.matches().isEmpty()) {
            conditions.add(new ConditionTrace("not about", matches(denial), request(), !meets));
        }
        if (meets && !denial.isAbout(evaluation)) {
            conditions.add(new ConditionTrace("not about", callers(denial), about(denial), true));
            return new GuardrailTrace(denial.ref(), conditions, false);
        }
        if (!meets) {
            return new GuardrailTrace(denial.ref(), conditions, false);
        }
        conditions.clear(); // the request is meant: what is left is what it must meet
        boolean passes = !denial.unless().isEmpty() && traceUntilUnmet(denial.unless(), conditions);
        return new GuardrailTrace(denial.ref(), conditions, !passes);
    }

    private static String matches(CompiledDenial denial) {
        return denial.matches().stream()
                .map(matching -> matching.match().toString())
                .collect(Collectors.joining(", "));
    }

    private static String callers(CompiledDenial denial) {
        return denial.from().map(from -> "from " + from.expected()).orElse("when");
    }

    private String about(CompiledDenial denial) {
        return denial.from()
                .map(from -> from.actual(evaluation))
                .orElseGet(() -> denial.about().stream()
                        .map(condition -> condition.actual(evaluation))
                        .collect(Collectors.joining(", ")));
    }

    private String request() {
        return evaluation.facts().tcpPort().isPresent()
                ? "tcp " + evaluation.facts().tcpPort().getAsInt()
                : evaluation.facts().method() + " " + evaluation.facts().path();
    }
}
