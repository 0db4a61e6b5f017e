package dev.sallyport.policy;

import dev.sallyport.policy.Explanation.ConditionTrace;
import dev.sallyport.policy.Explanation.RuleTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Puts a decision into words: the same conditions, asked again of the same evaluation, with what they expected and saw. */
final class Explainer {
    private final Mesh mesh;
    private final String service;
    private final List<CompiledRoute> routes;
    private final Evaluation evaluation;

    Explainer(Mesh mesh, String service, List<CompiledRoute> routes, Evaluation evaluation) {
        this.mesh = mesh;
        this.service = service;
        this.routes = routes;
        this.evaluation = evaluation;
    }

    Explanation explain(Decision decision, Optional<CompiledRoute> route) {
        if (decision.reason() == Reason.INTERNAL_ERROR) {
            return new Explanation(
                    decision, List.of(), Optional.empty(), "a fact of the request could not be read, and doubt denies");
        }
        List<CompiledRule> rules = route.map(CompiledRoute::rules).orElse(List.of());
        Optional<RuleRef> nearest = switch (decision) {
            case Decision.Allow allow -> allow.rule();
            case Decision.Ask ask -> Optional.of(ask.rule());
            case Decision.Deny deny -> deny.nearest();
        };
        return new Explanation(decision, rules.stream().map(this::trace).toList(), nearest, advice(decision, route));
    }

    private RuleTrace trace(CompiledRule rule) {
        List<ConditionTrace> conditions = new ArrayList<>();
        for (Condition condition : rule.conditions()) {
            boolean held = condition.verdict(evaluation) == Reason.ALLOWED;
            conditions.add(
                    new ConditionTrace(condition.name(), condition.expected(), condition.actual(evaluation), held));
            if (!held) {
                return new RuleTrace(rule.ref(), conditions, false);
            }
        }
        return new RuleTrace(rule.ref(), conditions, true);
    }

    private String advice(Decision decision, Optional<CompiledRoute> route) {
        if (decision instanceof Decision.Allow allow) {
            return "allowed by rule " + allow.rule().map(RuleRef::toString).orElse("none");
        }
        if (route.isEmpty()) {
            return noRoute();
        }
        String request = route.get().match().toString();
        List<CompiledRule> rules = route.get().rules();
        return switch (decision.reason()) {
            case CALLER_UNKNOWN -> unknownCaller() + "; " + callers(rules, request);
            case CALLER_NOT_ALLOWED -> callers(rules, request);
            default ->
                rules.stream()
                        .filter(rule -> decision instanceof Decision.Deny deny
                                && deny.nearest().equals(Optional.of(rule.ref())))
                        .map(rule -> "would be allowed with " + rule.userWanted() + ": rule " + rule.ref())
                        .collect(Collectors.joining());
        };
    }

    private String unknownCaller() {
        return evaluation
                .caller()
                .map(id -> id + " is no service of Mesh " + mesh.name())
                .orElse("a caller without a client certificate is nobody");
    }

    /** Each rule of the route in a clause; the first failed condition of each is its caller. */
    private static String callers(List<CompiledRule> rules, String request) {
        return rules.stream()
                .map(rule -> rule.callersWanted() + " may call " + request + withUser(rule) + ": rule " + rule.ref())
                .collect(Collectors.joining("; "));
    }

    private static String withUser(CompiledRule rule) {
        return rule.proof().compareTo(CompiledRule.Proof.OPTIONAL) > 0 ? " with " + rule.userWanted() : "";
    }

    private String noRoute() {
        if (routes.isEmpty()) {
            return service + " has no RoutePolicy, and what no rule allows is denied";
        }
        String others = routes.stream()
                .filter(route -> route.match()
                        .template()
                        .filter(path -> path.matches(evaluation.path()))
                        .isPresent())
                .map(route -> route.match() + " (route " + route.matched().name() + ")")
                .collect(Collectors.joining(", "));
        String request = evaluation.method() + " " + evaluation.path();
        return others.isEmpty()
                ? "no route of " + service + " covers " + request
                : "no route of " + service + " covers " + request + "; it covers " + others;
    }
}
