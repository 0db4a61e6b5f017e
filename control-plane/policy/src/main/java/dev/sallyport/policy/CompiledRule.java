package dev.sallyport.policy;

import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A rule as the list of its conditions, in the order in which they are asked. */
record CompiledRule(RuleRef ref, List<Condition> conditions, Proof proof, boolean forwardToken) {
    /** What a rule proves of the user, least first: when several rules allow, the one that proves most governs. */
    enum Proof {
        NONE,
        OPTIONAL,
        REQUIRED,
        CONDITIONS
    }

    static CompiledRule of(RuleRef ref, Rule rule, Mesh mesh) {
        List<Condition> conditions = new ArrayList<>();
        conditions.add(new Condition.From(rule.from()));
        Proof proof = switch (rule.user()) {
            case UserRequirement.None _ -> {
                conditions.add(new Condition.NoUser());
                yield Proof.NONE;
            }
            case UserRequirement.OptionalUser _ -> {
                conditions.add(new Condition.Token(true, Optional.empty()));
                yield Proof.OPTIONAL;
            }
            case UserRequirement.Required _ -> {
                conditions.add(new Condition.Token(false, Optional.empty()));
                yield Proof.REQUIRED;
            }
            case UserRequirement.Conditions user -> {
                add(conditions, user, mesh);
                yield Proof.CONDITIONS;
            }
        };
        return new CompiledRule(ref, List.copyOf(conditions), proof, rule.forwardToken());
    }

    private static void add(List<Condition> conditions, UserRequirement.Conditions user, Mesh mesh) {
        Mesh.Issuer issuer = mesh.issuers().get(user.issuer());
        if (issuer == null) {
            throw new IllegalArgumentException("issuer: " + user.issuer() + " (expected: one that the Mesh declares)");
        }
        conditions.add(new Condition.Token(false, Optional.of(user.issuer())));
        user.subject().ifPresent(subject -> conditions.add(new Condition.Subject(subject)));
        if (!user.anyRole().isEmpty()) {
            conditions.add(new Condition.Roles(false, user.anyRole()));
        }
        if (!user.allRoles().isEmpty()) {
            conditions.add(new Condition.Roles(true, user.allRoles()));
        }
        if (!user.scopes().isEmpty()) {
            conditions.add(new Condition.Scopes(user.scopes()));
        }
        user.claims().forEach((claim, value) -> {
            Mesh.ClaimType type = issuer.claims().get(claim);
            if (type == null) {
                throw new IllegalArgumentException("claim: " + claim + " (expected: one that the Mesh declares)");
            }
            conditions.add(new Condition.Claim(claim, type, value));
        });
    }

    /** {@code orders or backoffice}; for advice. */
    String callersWanted() {
        return conditions.stream()
                .filter(Condition.From.class::isInstance)
                .map(Condition.From.class::cast)
                .map(from -> from.callers().anyMesh()
                        ? "any service of the mesh"
                        : String.join(" or ", from.callers().names()))
                .collect(Collectors.joining());
    }

    /** {@code a token of issuer shop that has role finance}; for advice. Everything that the rule demands of the user, so that who follows it is not sent back again. */
    String userWanted() {
        String token = "";
        List<String> parts = new ArrayList<>();
        for (Condition condition : conditions) {
            switch (condition) {
                case Condition.From _ -> {}
                case Condition.NoUser _, Condition.Token _ -> token = condition.expected();
                case Condition.Subject(String subject) -> parts.add("subject " + subject);
                case Condition.Roles roles ->
                    parts.add(named(roles.all() ? "all roles" : "one of the roles", "role", roles.roles()));
                case Condition.Scopes(Set<String> scopes) -> parts.add(named("all scopes", "scope", scopes));
                case Condition.Claim claim -> parts.add("claim " + claim.claim() + " " + claim.value());
            }
        }
        return parts.isEmpty() ? token : token + " that has " + String.join(" and ", parts);
    }

    private static String named(String several, String one, Set<String> words) {
        return words.size() == 1 ? one + " " + words.iterator().next() : several + " " + words;
    }
}
