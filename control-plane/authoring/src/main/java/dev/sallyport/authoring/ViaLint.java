package dev.sallyport.authoring;

import dev.sallyport.policy.CheckedCondition;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Guardrail;
import dev.sallyport.policy.Guardrail.Denial;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import dev.sallyport.policy.RoutePolicy.UserRequirement.Conditions;
import dev.sallyport.policy.When;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is doubtful about users who come by hop tokens: services that are named and do nothing, conditions that nobody who was carried can meet. */
final class ViaLint {
    /** A claim that does not travel, in a condition on users who may have come by a hop token. */
    static final String CLAIM_STAYS = "SP0409";

    /** A service that vouches for users whom no rule takes from it. */
    static final String VERIFIER_UNUSED = "SP0807";

    /** A service that a rule lets carry users and that none can come by. */
    static final String CARRIER_UNUSED = "SP0808";

    private final DocumentSet set;
    private final Warnings warnings;
    private final Carriers carriers;

    ViaLint(DocumentSet set, Warnings warnings) {
        this.set = set;
        this.warnings = warnings;
        this.carriers = new Carriers(set);
    }

    void check() {
        set.mesh().issuers().values().forEach(this::verifiers);
        policies()
                .forEach(policy -> policy.routes()
                        .values()
                        .forEach(route -> route.allow()
                                .values()
                                .forEach(rule -> rule(
                                        policy.name(),
                                        rule,
                                        List.of("spec", "routes", route.name(), "allow", rule.name())))));
        set.guardrails()
                .values()
                .forEach(guardrail -> guardrail
                        .deny()
                        .values()
                        .forEach(denial -> carried(denial.unlessUser())
                                .ifPresent(user -> claims(
                                        user,
                                        denial.unlessWhen(),
                                        "Guardrail",
                                        guardrail.name(),
                                        List.of("spec", "deny", denial.name(), "unlessWhen")))));
    }

    private Stream<RoutePolicy> policies() {
        return Stream.concat(set.policies().values().stream(), set.candidates().values().stream());
    }

    private static Optional<Conditions> carried(Optional<UserRequirement> user) {
        return user.filter(Conditions.class::isInstance)
                .map(Conditions.class::cast)
                .filter(conditions -> conditions.via().isPresent());
    }

    private void rule(String policy, Rule rule, List<String> path) {
        carried(Optional.of(rule.user())).ifPresent(user -> {
            claims(user, rule.when(), "RoutePolicy", policy, Places.path(path, "when"));
            Set<String> idle = carriers.idle(user, rule.from());
            if (!idle.isEmpty()) {
                warnings.add(
                        "RoutePolicy",
                        policy,
                        Places.path(path, "user", "via", "from"),
                        CARRIER_UNUSED,
                        idle + ": no user comes by them, over services that may call each other, in "
                                + user.via().orElseThrow().maxHops()
                                + " hops from a service that verifies users of " + user.issuer()
                                + " (expected: those on the way alone, or more hops)");
            }
        });
    }

    private void claims(Conditions user, Optional<When> when, String kind, String document, List<String> path) {
        Set<String> staying = when.flatMap(When::checked)
                .map(checked -> new TreeSet<>(CheckedCondition.inputs(checked).claims()))
                .orElseGet(TreeSet::new);
        Optional.ofNullable(set.mesh().issuers().get(user.issuer()))
                .map(issuer -> issuer.hopTokens().propagate())
                .ifPresent(staying::removeAll);
        if (!staying.isEmpty()) {
            warnings.add(
                    kind,
                    document,
                    path,
                    CLAIM_STAYS,
                    staying + ": no hop token has such a claim, so that it is absent of whoever was carried (expected:"
                            + " claims that issuers." + user.issuer() + ".propagate lists)");
        }
    }

    private void verifiers(Mesh.Issuer issuer) {
        Set<String> unused = new TreeSet<>(issuer.hopTokens().verifiedBy());
        unused.removeAll(named(issuer.name()));
        if (!unused.isEmpty()) {
            warnings.add(
                    "Mesh",
                    set.mesh().name(),
                    List.of("spec", "issuers", issuer.name(), "verifiedBy"),
                    VERIFIER_UNUSED,
                    unused + ": no rule takes a user of " + issuer.name()
                            + " on their word (expected: a rule with via that names them, or nobody who need not vouch)");
        }
    }

    /** By every rule and guardrail that takes users of the issuer by hop tokens. */
    private Set<String> named(String issuer) {
        Stream<UserRequirement> rules = policies()
                .flatMap(policy -> policy.routes().values().stream())
                .flatMap(route -> route.allow().values().stream())
                .map(Rule::user);
        Stream<UserRequirement> denials = set.guardrails().values().stream()
                .map(Guardrail::deny)
                .flatMap(deny -> deny.values().stream())
                .map(Denial::unlessUser)
                .flatMap(Optional::stream);
        return Stream.concat(rules, denials)
                .flatMap(user -> carried(Optional.of(user)).stream())
                .filter(user -> user.issuer().equals(issuer))
                .flatMap(user -> user.via().orElseThrow().from().stream())
                .collect(Collectors.toSet());
    }
}
