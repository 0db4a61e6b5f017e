package dev.sallyport.policy;

import dev.sallyport.policy.CompiledRule.Proof;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rules into conditions. Equal conditions, and equal lists of them, become one: most rules of a policy say the same of their users. */
final class RuleCompiler {
    private final MeshIndex mesh;
    private final Map<Object, Object> interned = new HashMap<>();
    private final Map<String, Expression> expressions = new HashMap<>();

    RuleCompiler(MeshIndex mesh) {
        this.mesh = mesh;
    }

    MeshIndex mesh() {
        return mesh;
    }

    /** {@code inherited}: what the route demands in each of its rules. */
    CompiledRule rule(RuleRef ref, Rule rule, List<FieldCondition> inherited) {
        List<Condition> checks = new ArrayList<>(user(rule.user()));
        fields(inherited, checks);
        fields(rule.fields(), checks);
        rule.when().ifPresent(when -> checks.add(when(when)));
        rule.opa().ifPresent(query -> checks.add(one(new RequestCondition.Opa(query))));
        return new CompiledRule(
                Optional.of(ref),
                from(rule.from()),
                rule.expires().orElse(Instant.MAX),
                one(List.copyOf(checks)),
                proof(rule.user()),
                one(CompiledRule.Grants.of(rule)));
    }

    CallerCondition.From from(RoutePolicy.Callers callers) {
        return one(new CallerCondition.From(callers, mesh.set(callers)));
    }

    void fields(List<FieldCondition> fields, List<Condition> checks) {
        fields.forEach(field -> checks.add(one(new RequestCondition.Field(field.kind(), field.name(), field.oneOf()))));
    }

    /** Only a checked expression runs, and its bounds are counted again here. */
    RequestCondition.Cel when(When when) {
        String checked = when.checked()
                .orElseThrow(() -> new IllegalArgumentException(
                        "when: " + when.source() + ": unchecked (expected: documents that authoring has accepted)"));
        return new RequestCondition.Cel(when.source(), expressions.computeIfAbsent(checked, Expression::of));
    }

    private static Proof proof(UserRequirement user) {
        return switch (user) {
            case UserRequirement.None _ -> Proof.NONE;
            case UserRequirement.OptionalUser _ -> Proof.OPTIONAL;
            case UserRequirement.Required _ -> Proof.REQUIRED;
            case UserRequirement.Conditions _ -> Proof.CONDITIONS;
        };
    }

    /** A token first, so that what follows may take a proven user for granted. */
    List<Condition> user(UserRequirement requirement) {
        return switch (requirement) {
            case UserRequirement.None _ -> List.of(one(new UserCondition.NoUser()));
            case UserRequirement.OptionalUser _ ->
                List.of(one(new UserCondition.Token(true, Optional.empty(), Optional.empty())));
            case UserRequirement.Required _ ->
                List.of(one(new UserCondition.Token(false, Optional.empty(), Optional.empty())));
            case UserRequirement.Conditions user -> conditions(user);
        };
    }

    private List<Condition> conditions(UserRequirement.Conditions user) {
        Mesh.Issuer issuer = mesh.issuer(user.issuer())
                .orElseThrow(() -> new IllegalArgumentException(
                        "issuer: " + user.issuer() + " (expected: one that the Mesh declares)"));
        List<Condition> checks = new ArrayList<>();
        checks.add(one(new UserCondition.Token(false, Optional.of(user.issuer()), user.via())));
        user.maxTokenAge().ifPresent(age -> checks.add(one(new UserCondition.TokenAge(age))));
        user.subject().ifPresent(subject -> checks.add(one(new UserCondition.Subject(subject))));
        if (!user.anyRole().isEmpty()) {
            checks.add(one(new UserCondition.Roles(false, List.copyOf(user.anyRole()))));
        }
        if (!user.allRoles().isEmpty()) {
            checks.add(one(new UserCondition.Roles(true, List.copyOf(user.allRoles()))));
        }
        if (!user.scopes().isEmpty()) {
            checks.add(one(new UserCondition.Scopes(List.copyOf(user.scopes()))));
        }
        user.claims().forEach((claim, value) -> {
            Mesh.ClaimType type = issuer.claims().get(claim);
            if (type == null) {
                throw new IllegalArgumentException("claim: " + claim + " (expected: one that the Mesh declares)");
            }
            checks.add(one(new UserCondition.Claim(claim, type, value)));
        });
        return checks;
    }

    /** The first one that was equal. */
    @SuppressWarnings("unchecked") // what is equal is of the same class: records, and lists of them
    <T> T one(T value) {
        return (T) interned.computeIfAbsent(value, same -> same);
    }
}
