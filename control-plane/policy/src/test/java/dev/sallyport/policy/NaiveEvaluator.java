package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Section 4 of the design, word by word and as slow as it reads: no index, no compilation, nothing shared with the
 * evaluator but the model. The two must always agree.
 */
final class NaiveEvaluator {
    private record Hit(Route route, Match.Http match) {}

    /** Of a failed rule: 0 the caller, 1 the token, 2 roles, scopes and claims. */
    private record Failure(Rule rule, int progress, Reason reason) {}

    private NaiveEvaluator() {}

    static Decision decide(DocumentSet set, String service, RequestFacts facts, Instant now) {
        Optional<Hit> hit = hit(present(set.policies().get(service)), facts);
        if (hit.isEmpty()) {
            return new Decision.Deny(Reason.NO_ROUTE, Optional.empty(), Optional.empty(), Optional.empty());
        }
        Route route = hit.get().route();
        Decision.MatchedRoute matched = new Decision.MatchedRoute(
                service + "/" + route.name(), hit.get().match(), new Inputs(new TreeMap<>()));
        List<Rule> allowing = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        for (Rule rule : route.allow().values()) {
            failure(set.mesh(), rule, facts, now).ifPresentOrElse(failures::add, () -> allowing.add(rule));
        }
        if (!allowing.isEmpty()) {
            allowing.sort(
                    Comparator.comparingInt(NaiveEvaluator::weight).reversed().thenComparing(Rule::name));
            Rule best = allowing.getFirst();
            return new Decision.Allow(
                    Optional.of(new RuleRef(service, route.name(), best.name())),
                    Optional.of(matched),
                    weight(best) > 0,
                    best.forwardToken(),
                    Optional.empty(),
                    RoutePolicy.AuditMode.BUFFERED,
                    Optional.empty());
        }
        failures.sort(Comparator.comparingInt(Failure::progress)
                .reversed()
                .thenComparing(failure -> failure.rule().name()));
        Failure furthest = failures.getFirst();
        return new Decision.Deny(
                furthest.reason(),
                Optional.of(matched),
                Optional.of(new RuleRef(service, route.name(), furthest.rule().name())),
                Optional.empty());
    }

    /** Of all templates that match, the one whose first differing segment is the more specific. */
    private static Optional<Hit> hit(RoutePolicy policy, RequestFacts facts) {
        List<Hit> hits = new ArrayList<>();
        for (Route route : policy.routes().values()) {
            for (Match each : route.matches()) {
                Match.Http match = (Match.Http) each;
                if (match.method().equals(facts.method()) && match.path().matches(facts.path())) {
                    hits.add(new Hit(route, match));
                }
            }
        }
        return hits.stream()
                .min(Comparator.comparing(hit -> specificity(hit.match().path())));
    }

    /** Sorts literals before variables before rests, segment by segment. */
    private static String specificity(PathTemplate template) {
        StringBuilder order = new StringBuilder();
        template.segments()
                .forEach(segment -> order.append(
                        switch (segment) {
                            case PathTemplate.Segment.Literal _ -> 'a';
                            case PathTemplate.Segment.Variable _ -> 'b';
                            case PathTemplate.Segment.Rest _ -> 'c';
                        }));
        return order.toString();
    }

    private static Optional<Failure> failure(Mesh mesh, Rule rule, RequestFacts facts, Instant now) {
        Optional<SpiffeId> caller = facts.caller();
        boolean declared = caller.isPresent() && mesh.serviceOf(caller.get()).isPresent();
        if (!declared) {
            return Optional.of(new Failure(rule, 0, Reason.CALLER_UNKNOWN));
        }
        if (!rule.from().anyMesh() && !rule.from().identities().contains(caller.get())) {
            return Optional.of(new Failure(rule, 0, Reason.CALLER_NOT_ALLOWED));
        }
        if (rule.user() instanceof UserRequirement.None) {
            return Optional.empty();
        }
        if (facts.user() instanceof UserFact.Absent) {
            return rule.user() instanceof UserRequirement.OptionalUser
                    ? Optional.empty()
                    : Optional.of(new Failure(rule, 1, Reason.TOKEN_MISSING));
        }
        if (facts.user() instanceof UserFact.Bad bad) {
            return Optional.of(new Failure(rule, 1, bad.reason()));
        }
        User user = ((UserFact.Verified) facts.user()).user();
        if (!mesh.issuers().containsKey(user.issuer())) {
            return Optional.of(new Failure(rule, 1, Reason.TOKEN_ISSUER));
        }
        Instant end =
                user.expiresAt().plus(present(mesh.issuers().get(user.issuer())).clockSkew());
        if (!now.isBefore(end)) {
            return Optional.of(new Failure(rule, 1, Reason.TOKEN_EXPIRED));
        }
        return rule.user() instanceof UserRequirement.Conditions conditions
                ? conditions(mesh, rule, conditions, user)
                : Optional.empty();
    }

    private static Optional<Failure> conditions(Mesh mesh, Rule rule, UserRequirement.Conditions wanted, User user) {
        if (!wanted.issuer().equals(user.issuer())) {
            return Optional.of(new Failure(rule, 1, Reason.TOKEN_ISSUER));
        }
        if (wanted.subject().isPresent() && !wanted.subject().get().equals(user.subject())) {
            return Optional.of(new Failure(rule, 2, Reason.CLAIM_MISMATCH));
        }
        boolean any = wanted.anyRole().isEmpty();
        for (String role : wanted.anyRole()) {
            any |= user.roles().contains(role);
        }
        if (!any || !user.roles().containsAll(wanted.allRoles())) {
            return Optional.of(new Failure(rule, 2, Reason.ROLE_MISSING));
        }
        if (!user.scopes().containsAll(wanted.scopes())) {
            return Optional.of(new Failure(rule, 2, Reason.SCOPE_MISSING));
        }
        for (String claim : wanted.claims().keySet()) {
            Object has = user.claims().get(claim);
            String value = wanted.claims().get(claim);
            boolean holds = switch (present(
                    present(mesh.issuers().get(wanted.issuer())).claims().get(claim))) {
                case STRING -> value.equals(has);
                case BOOL -> Boolean.valueOf(value).equals(has);
                case INT -> Long.valueOf(value).equals(has);
                case STRINGS -> has instanceof List<?> list && list.contains(value);
            };
            if (!holds) {
                return Optional.of(new Failure(rule, 2, Reason.CLAIM_MISMATCH));
            }
        }
        return Optional.empty();
    }

    private static int weight(Rule rule) {
        return switch (rule.user()) {
            case UserRequirement.None _ -> 0;
            case UserRequirement.OptionalUser _ -> 1;
            case UserRequirement.Required _ -> 2;
            case UserRequirement.Conditions _ -> 3;
        };
    }

    private static <T> T present(@Nullable T value) {
        return Objects.requireNonNull(value);
    }
}
