package dev.sallyport.policy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** A set whose conditions look checked: what `authoring` would put there is not for this module to know. */
final class Checked {
    private Checked() {}

    static DocumentSet of(DocumentSet set) {
        return new DocumentSet(
                set.mesh(),
                each(set.policies(), Checked::policy),
                each(set.candidates(), Checked::policy),
                each(
                        set.guardrails(),
                        guardrail -> new Guardrail(
                                guardrail.name(),
                                guardrail.owner(),
                                guardrail.dryRun(),
                                each(guardrail.deny(), Checked::denial))));
    }

    private static RoutePolicy policy(RoutePolicy policy) {
        return new RoutePolicy(
                policy.name(),
                policy.service(),
                policy.owner(),
                policy.candidate(),
                policy.observeUntil(),
                each(
                        policy.routes(),
                        route -> new RoutePolicy.Route(
                                route.name(),
                                route.matches(),
                                route.hosts(),
                                route.fields(),
                                route.limit(),
                                route.audit(),
                                route.observeUntil(),
                                route.record(),
                                each(route.allow(), Checked::rule))));
    }

    private static RoutePolicy.Rule rule(RoutePolicy.Rule rule) {
        return new RoutePolicy.Rule(
                rule.name(),
                rule.from(),
                rule.user(),
                rule.fields(),
                rule.when().map(Checked::when),
                rule.opa(),
                rule.expires(),
                rule.dryRun(),
                rule.forwardToken(),
                rule.forwardUnverified());
    }

    private static Guardrail.Denial denial(Guardrail.Denial denial) {
        return new Guardrail.Denial(
                denial.name(),
                denial.to(),
                denial.matches(),
                denial.from(),
                denial.when().map(Checked::when),
                denial.unlessFrom(),
                denial.unlessUser(),
                denial.unlessFields(),
                denial.unlessWhen().map(Checked::when));
    }

    private static When when(When when) {
        byte[] bytes = when.source().getBytes(StandardCharsets.UTF_8);
        return new When(when.source(), Optional.of(Base64.getEncoder().encodeToString(bytes)));
    }

    private static <T> SortedMap<String, T> each(SortedMap<String, T> map, UnaryOperator<T> change) {
        SortedMap<String, T> changed = new TreeMap<>(map);
        changed.replaceAll((_, value) -> change.apply(value));
        return changed;
    }
}
