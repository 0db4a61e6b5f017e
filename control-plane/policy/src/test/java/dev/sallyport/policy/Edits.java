package dev.sallyport.policy;

import dev.sallyport.policy.Guardrail.Denial;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/** Copies of document sets with one thing changed. */
final class Edits {
    private Edits() {}

    /** With this guardrail, in the place of one of its name. */
    static DocumentSet guarded(DocumentSet set, Guardrail guardrail) {
        SortedMap<String, Guardrail> guardrails = new TreeMap<>(set.guardrails());
        guardrails.put(guardrail.name(), guardrail);
        return new DocumentSet(set.mesh(), set.policies(), set.candidates(), guardrails);
    }

    /** Nothing in dry run; but a route keeps its rules in dry run when it has no others. */
    static DocumentSet withoutDryRun(DocumentSet set) {
        SortedMap<String, Guardrail> guardrails = new TreeMap<>(set.guardrails());
        guardrails.values().removeIf(Guardrail::dryRun);
        return rules(
                new DocumentSet(set.mesh(), set.policies(), new TreeMap<>(), guardrails),
                route -> route.allow().values().stream().allMatch(Rule::dryRun)
                        ? route.allow()
                        : without(route, Rule::dryRun));
    }

    /** Everything in dry run live, the candidate in the place of the policy. */
    static DocumentSet promoted(DocumentSet set) {
        SortedMap<String, RoutePolicy> policies = new TreeMap<>(set.policies());
        policies.putAll(set.candidates());
        SortedMap<String, Guardrail> guardrails = new TreeMap<>(set.guardrails());
        guardrails.replaceAll((name, each) -> new Guardrail(name, each.owner(), false, each.deny()));
        return rules(new DocumentSet(set.mesh(), policies, new TreeMap<>(), guardrails), route -> {
            SortedMap<String, Rule> rules = new TreeMap<>(route.allow());
            rules.replaceAll((_, rule) -> with(rule, rule.user(), false));
            return rules;
        });
    }

    /** Less the first live rule of each route that has another. */
    static DocumentSet withoutFirstRules(DocumentSet set) {
        return rules(set, route -> {
            List<Rule> live = route.allow().values().stream()
                    .filter(rule -> !rule.dryRun())
                    .toList();
            return live.size() < 2 ? route.allow() : without(route, live.getFirst()::equals);
        });
    }

    /** Where a hop token counts it no longer does, neither in rules nor in guardrails. */
    static DocumentSet withoutVia(DocumentSet set) {
        SortedMap<String, Guardrail> guardrails = new TreeMap<>(set.guardrails());
        guardrails.replaceAll((name, guardrail) -> {
            SortedMap<String, Denial> denials = new TreeMap<>(guardrail.deny());
            denials.replaceAll((_, denial) -> withoutVia(denial));
            return new Guardrail(name, guardrail.owner(), guardrail.dryRun(), denials);
        });
        return rules(new DocumentSet(set.mesh(), set.policies(), set.candidates(), guardrails), route -> {
            SortedMap<String, Rule> rules = new TreeMap<>(route.allow());
            rules.replaceAll((_, rule) -> with(rule, withoutVia(rule.user()), rule.dryRun()));
            return rules;
        });
    }

    private static Denial withoutVia(Denial denial) {
        return new Denial(
                denial.name(),
                denial.to(),
                denial.matches(),
                denial.from(),
                denial.when(),
                denial.unlessFrom(),
                denial.unlessUser().map(Edits::withoutVia),
                denial.unlessFields(),
                denial.unlessWhen());
    }

    private static UserRequirement withoutVia(UserRequirement user) {
        return user instanceof UserRequirement.Conditions wanted
                ? new UserRequirement.Conditions(
                        wanted.issuer(),
                        wanted.subject(),
                        wanted.anyRole(),
                        wanted.allRoles(),
                        wanted.scopes(),
                        wanted.claims(),
                        wanted.maxTokenAge())
                : user;
    }

    private static SortedMap<String, Rule> without(Route route, Predicate<Rule> gone) {
        SortedMap<String, Rule> rules = new TreeMap<>(route.allow());
        rules.values().removeIf(gone);
        return rules;
    }

    private static DocumentSet rules(DocumentSet set, Function<Route, SortedMap<String, Rule>> edit) {
        SortedMap<String, RoutePolicy> policies = new TreeMap<>(set.policies());
        policies.replaceAll((_, policy) -> {
            SortedMap<String, Route> routes = new TreeMap<>(policy.routes());
            routes.replaceAll((_, route) -> allowing(route, edit.apply(route)));
            return new RoutePolicy(
                    policy.name(), policy.service(), policy.owner(), false, policy.observeUntil(), routes);
        });
        return new DocumentSet(set.mesh(), policies, set.candidates(), set.guardrails());
    }

    private static Route allowing(Route route, SortedMap<String, Rule> rules) {
        return new Route(
                route.name(),
                route.matches(),
                route.hosts(),
                route.fields(),
                route.limit(),
                route.audit(),
                route.observeUntil(),
                route.record(),
                rules);
    }

    private static Rule with(Rule rule, UserRequirement user, boolean dryRun) {
        return new Rule(
                rule.name(),
                rule.from(),
                user,
                rule.fields(),
                rule.when(),
                rule.opa(),
                rule.expires(),
                dryRun,
                rule.forwardToken(),
                rule.forwardUnverified());
    }
}
