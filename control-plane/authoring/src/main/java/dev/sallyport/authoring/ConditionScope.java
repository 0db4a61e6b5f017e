package dev.sallyport.authoring;

import dev.sallyport.policy.Guardrail;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Mesh.ClaimType;
import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a condition may speak of where it stands: the user's claims, where a user is proven before the condition is asked; the variables that the path has in any case. */
record ConditionScope(Optional<Map<String, ClaimType>> claims, Set<String> pathVariables) {
    ConditionScope {
        claims = claims.map(Map::copyOf);
        pathVariables = Set.copyOf(pathVariables);
    }

    static ConditionScope ofRule(Mesh mesh, RoutePolicy.Route route, UserRequirement user) {
        return new ConditionScope(provenClaims(mesh, user), commonVariables(route.matches()));
    }

    /** A guardrail knows no template, and a user when only a user lifts it: without one it denies whatever its conditions say. */
    static ConditionScope ofGuardrail(Mesh mesh, Guardrail.Denial denial) {
        return new ConditionScope(denial.unlessUser().flatMap(user -> provenClaims(mesh, user)), Set.of());
    }

    /** {@code optional} proves none: the condition would be asked of requests without a token as well. */
    private static Optional<Map<String, ClaimType>> provenClaims(Mesh mesh, UserRequirement user) {
        return switch (user) {
            case UserRequirement.None _, UserRequirement.OptionalUser _ -> Optional.empty();
            case UserRequirement.Required _ -> Optional.of(claimsOfEvery(mesh));
            case UserRequirement.Conditions conditions ->
                Optional.ofNullable(mesh.issuers().get(conditions.issuer())).map(Mesh.Issuer::claims);
        };
    }

    /** Any issuer's token will do, so that a claim counts when each issuer declares it, with one type. */
    private static Map<String, ClaimType> claimsOfEvery(Mesh mesh) {
        Map<String, ClaimType> common = new HashMap<>();
        mesh.issuers().values().stream().findFirst().ifPresent(issuer -> common.putAll(issuer.claims()));
        mesh.issuers()
                .values()
                .forEach(issuer -> common.entrySet().retainAll(issuer.claims().entrySet()));
        return common;
    }

    private static Set<String> commonVariables(List<RoutePolicy.Match> matches) {
        Set<String> common = new HashSet<>(variables(matches.getFirst()));
        matches.forEach(match -> common.retainAll(variables(match)));
        return common;
    }

    private static Set<String> variables(RoutePolicy.Match match) {
        return match.template().stream()
                .flatMap(template -> template.segments().stream())
                .filter(PathTemplate.Segment.Variable.class::isInstance)
                .map(segment -> ((PathTemplate.Segment.Variable) segment).name())
                .collect(Collectors.toSet());
    }
}
