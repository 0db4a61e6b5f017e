package dev.sallyport.authoring;

import dev.sallyport.document.Problems;
import dev.sallyport.policy.CheckedCondition;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Guardrail;
import dev.sallyport.policy.Guardrail.Denial;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.When;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** The same set with every condition checked, or a problem at each {@code when} that is none. One thread. */
final class Conditions {
    private final DocumentSet set;
    private final Places places;
    private final Problems problems;
    private final Map<ConditionScope, ConditionCompiler> compilers = new HashMap<>();

    private Conditions(DocumentSet set, Places places, Problems problems) {
        this.set = set;
        this.places = places;
        this.problems = problems;
    }

    /** What has a problem stays unchecked, and compiles to no policy. */
    static DocumentSet check(DocumentSet set, Places places, Problems problems) {
        Conditions conditions = new Conditions(set, places, problems);
        return new DocumentSet(
                set.mesh(),
                each(set.policies(), conditions::policy),
                each(set.candidates(), conditions::policy),
                each(set.guardrails(), conditions::guardrail));
    }

    private static <V> SortedMap<String, V> each(SortedMap<String, V> map, UnaryOperator<V> checked) {
        SortedMap<String, V> copy = new TreeMap<>();
        map.forEach((name, value) -> copy.put(name, checked.apply(value)));
        return copy;
    }

    private RoutePolicy policy(RoutePolicy policy) {
        return new RoutePolicy(
                policy.name(),
                policy.service(),
                policy.owner(),
                policy.candidate(),
                policy.observeUntil(),
                each(policy.routes(), route -> route(policy, route)));
    }

    private Route route(RoutePolicy policy, Route route) {
        return new Route(
                route.name(),
                route.matches(),
                route.hosts(),
                route.fields(),
                route.limit(),
                route.audit(),
                route.observeUntil(),
                route.record(),
                each(route.allow(), rule -> rule(policy, route, rule)));
    }

    private Rule rule(RoutePolicy policy, Route route, Rule rule) {
        Optional<When> when = rule.when()
                .map(source -> checked(
                        source,
                        ConditionScope.ofRule(set.mesh(), route, rule.user()),
                        "RoutePolicy",
                        policy.name(),
                        List.of("spec", "routes", route.name(), "allow", rule.name(), "when")));
        return new Rule(
                rule.name(),
                rule.from(),
                rule.user(),
                rule.fields(),
                when,
                rule.opa(),
                rule.expires(),
                rule.dryRun(),
                rule.forwardToken(),
                rule.forwardUnverified());
    }

    private Guardrail guardrail(Guardrail guardrail) {
        return new Guardrail(
                guardrail.name(),
                guardrail.owner(),
                guardrail.dryRun(),
                each(guardrail.deny(), denial -> denial(guardrail, denial)));
    }

    private Denial denial(Guardrail guardrail, Denial denial) {
        return new Denial(
                denial.name(),
                denial.to(),
                denial.matches(),
                denial.from(),
                denial.when().map(when -> checked(when, guardrail, denial, "when")),
                denial.unlessFrom(),
                denial.unlessUser(),
                denial.unlessFields(),
                denial.unlessWhen().map(when -> checked(when, guardrail, denial, "unlessWhen")));
    }

    private When checked(When when, Guardrail guardrail, Denial denial, String key) {
        return checked(
                when,
                ConditionScope.ofGuardrail(set.mesh(), denial),
                "Guardrail",
                guardrail.name(),
                List.of("spec", "deny", denial.name(), key));
    }

    private When checked(When when, ConditionScope scope, String kind, String name, List<String> path) {
        ConditionCompiler compiler = compilers.computeIfAbsent(scope, ConditionCompiler::new);
        return switch (compiler.compile(when.source())) {
            case ConditionCompiler.Result.Checked(String expression) -> {
                CheckedCondition.inputs(expression).headers().stream()
                        .filter(this::carriesTokens)
                        .forEach(header -> problems.add(
                                places.of(kind, name, path),
                                String.join(".", path),
                                ConditionProblem.NAME,
                                header + ": tokens are there, and what a condition reads is on record (expected: user,"
                                        + " whose token is verified)"));
                yield new When(when.source(), Optional.of(expression));
            }
            case ConditionCompiler.Result.Refused(List<ConditionProblem> refused) -> {
                refused.forEach(problem -> problems.add(
                        places.of(kind, name, path), String.join(".", path), problem.code(), problem.toString()));
                yield new When(when.source(), Optional.empty());
            }
        };
    }

    private boolean carriesTokens(String header) {
        return set.mesh().issuers().values().stream().anyMatch(issuer -> issuer.carriesTokens(header));
    }
}
