package dev.sallyport.policy;

import dev.sallyport.policy.Decision.Allow;
import dev.sallyport.policy.Decision.Ask;
import dev.sallyport.policy.Decision.Deny;
import dev.sallyport.policy.Decision.MatchedRoute;
import dev.sallyport.policy.Guardrail.Denial;
import dev.sallyport.policy.NaiveRoutes.Hit;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Section 4 of the design, word by word and as slow as it reads: no index, no compilation, nothing shared with the
 * evaluator but the model. The two must always agree.
 */
final class NaiveEvaluator {
    private final DocumentSet set;
    private final String service;
    private final NaiveCondition condition;

    private record Failure(Rule rule, Reason reason) {}

    NaiveEvaluator(DocumentSet set, String service, NaiveCondition condition) {
        this.set = set;
        this.service = service;
        this.condition = condition;
    }

    /** What is in dry run neither grants nor denies. */
    Decision decide(RequestFacts facts, Instant now) {
        return judge(Optional.ofNullable(set.policies().get(service)), false, facts, now);
    }

    /** As if everything in dry run were live, a candidate in the place of the live policy; empty when nothing is. */
    Optional<Decision> shadow(RequestFacts facts, Instant now) {
        Optional<RoutePolicy> live = Optional.ofNullable(set.policies().get(service));
        Optional<RoutePolicy> candidate = Optional.ofNullable(set.candidates().get(service));
        boolean rule = live.stream()
                .flatMap(policy -> policy.routes().values().stream())
                .flatMap(route -> route.allow().values().stream())
                .anyMatch(Rule::dryRun);
        boolean guardrail = set.guardrails().values().stream()
                .filter(Guardrail::dryRun)
                .flatMap(each -> each.deny().values().stream())
                .anyMatch(denial -> denial.to().includes(service));
        return rule || guardrail || candidate.isPresent()
                ? Optional.of(judge(candidate.or(() -> live), true, facts, now))
                : Optional.empty();
    }

    /** Guardrails, then rules, then observe. */
    private Decision judge(Optional<RoutePolicy> policy, boolean dryToo, RequestFacts facts, Instant now) {
        Optional<Hit> hit = policy.flatMap(each -> NaiveRoutes.hit(each, facts));
        Optional<MatchedRoute> matched = hit.map(each -> matched(each, dryToo));
        Optional<GuardrailRef> denial = denial(dryToo, new NaiveRequest(set.mesh(), facts, Map.of(), condition, now));
        if (denial.isPresent()) {
            return new Deny(Reason.GUARDRAIL, matched, Optional.empty(), denial);
        }
        Decision decision = hit.isEmpty()
                ? new Deny(Reason.NO_ROUTE, Optional.empty(), Optional.empty(), Optional.empty())
                : rules(hit.get(), matched.orElseThrow(), dryToo, facts, now);
        boolean forwarded = decision instanceof Deny && observing(policy, hit, now) && observable(facts, now);
        return decision instanceof Deny denied && forwarded ? observed(hit.map(Hit::route), denied) : decision;
    }

    private Optional<GuardrailRef> denial(boolean dryToo, NaiveRequest request) {
        Paths paths = Optional.ofNullable(set.mesh().services().get(service))
                .orElseThrow()
                .paths();
        for (Guardrail guardrail : set.guardrails().values()) {
            for (Denial denial : guardrail.deny().values()) {
                boolean live = dryToo || !guardrail.dryRun();
                if (live && denial.to().includes(service) && NaiveGuardrails.denies(denial, request, paths)) {
                    return Optional.of(new GuardrailRef(guardrail.name(), denial.name()));
                }
            }
        }
        return Optional.empty();
    }

    private Decision rules(Hit hit, MatchedRoute matched, boolean dryToo, RequestFacts facts, Instant now) {
        Route route = hit.route();
        NaiveRequest request = new NaiveRequest(set.mesh(), facts, NaiveRoutes.variables(hit, facts), condition, now);
        List<Rule> holding = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        for (Rule rule : route.allow().values()) {
            if (dryToo || !rule.dryRun()) {
                failure(route, rule, request)
                        .ifPresentOrElse(reason -> failures.add(new Failure(rule, reason)), () -> holding.add(rule));
            }
        }
        return holding.isEmpty() ? denied(matched, hit, failures, request) : allowed(matched, hit, holding, facts);
    }

    /** The one that proves most governs, then the first by name; if OPA was not asked for it yet, it is now. */
    private Decision allowed(MatchedRoute matched, Hit hit, List<Rule> holding, RequestFacts facts) {
        holding.sort(Comparator.comparingInt(NaiveEvaluator::proof).reversed().thenComparing(Rule::name));
        Rule best = holding.getFirst();
        RuleRef ref = new RuleRef(service, hit.route().name(), best.name());
        if (best.opa().isPresent() && facts.opa(best.opa().get()).isEmpty()) {
            return new Ask(best.opa().get(), ref, matched);
        }
        return new Allow(
                Optional.of(ref),
                Optional.of(matched),
                proof(best) == 0
                        ? Decision.Proof.NOWHERE
                        : NaiveUser.carried(best.user()) ? Decision.Proof.OWN_OR_HOP_TOKEN : Decision.Proof.OWN_TOKEN,
                best.forwardUnverified()
                        ? Decision.Forwarding.UNVERIFIED
                        : best.forwardToken() ? Decision.Forwarding.VERIFIED : Decision.Forwarding.NOTHING,
                hit.route().limit(),
                hit.route().audit(),
                Optional.empty());
    }

    /** The rule that got furthest, then the first by name. Without any live rule nobody is allowed to call. */
    private Decision denied(MatchedRoute matched, Hit hit, List<Failure> failures, NaiveRequest request) {
        failures.sort(Comparator.comparingInt((Failure failure) -> stage(failure.reason()))
                .reversed()
                .thenComparing(failure -> failure.rule().name()));
        Reason reason = failures.isEmpty()
                ? request.declaredCaller() ? Reason.CALLER_NOT_ALLOWED : Reason.CALLER_UNKNOWN
                : failures.getFirst().reason();
        Optional<RuleRef> nearest = failures.stream()
                .findFirst()
                .map(failure ->
                        new RuleRef(service, hit.route().name(), failure.rule().name()));
        return new Deny(reason, Optional.of(matched), nearest, Optional.empty());
    }

    /** In the order of the words: caller, token, roles and claims, condition, OPA; empty when nothing fails. */
    private static Optional<Reason> failure(Route route, Rule rule, NaiveRequest request) {
        Optional<Reason> failure = request.caller(rule.from(), rule.expires()).or(() -> request.user(rule.user()));
        for (FieldCondition field : route.fields()) {
            failure = failure.or(() -> request.field(field));
        }
        for (FieldCondition field : rule.fields()) {
            failure = failure.or(() -> request.field(field));
        }
        return failure.or(() -> rule.when().flatMap(request::when))
                .or(() -> rule.opa().flatMap(request::opa));
    }

    private static int stage(Reason reason) {
        return switch (reason) {
            case CALLER_UNKNOWN, CALLER_NOT_ALLOWED -> 0;
            case ROLE_MISSING, SCOPE_MISSING, CLAIM_MISMATCH -> 2;
            case CONDITION_FALSE, CONDITION_ERROR, OPA_DENIED, OPA_ERROR -> 3;
            default -> 1; // token_*
        };
    }

    static int proof(Rule rule) {
        return switch (rule.user()) {
            case UserRequirement.None _ -> 0;
            case UserRequirement.OptionalUser _ -> 1;
            case UserRequirement.Required _ -> 2;
            case UserRequirement.Conditions _ -> 3;
        };
    }

    private boolean observing(Optional<RoutePolicy> policy, Optional<Hit> hit, Instant now) {
        return set.mesh().observeUntil().filter(now::isBefore).isPresent()
                || policy.flatMap(RoutePolicy::observeUntil)
                        .filter(now::isBefore)
                        .isPresent()
                || hit.flatMap(each -> each.route().observeUntil())
                        .filter(now::isBefore)
                        .isPresent();
    }

    /** A caller without certificate and a bad token are refused also where all else is forwarded. */
    private boolean observable(RequestFacts facts, Instant now) {
        return facts.caller().isPresent() && !NaiveUser.bad(set.mesh(), facts, now);
    }

    private Decision observed(Optional<Route> route, Deny denial) {
        return new Allow(
                Optional.empty(),
                denial.route(),
                Decision.Proof.NOWHERE,
                Decision.Forwarding.NOTHING,
                route.flatMap(Route::limit),
                route.map(Route::audit).orElse(RoutePolicy.AuditMode.BUFFERED),
                Optional.of(denial));
    }

    private List<Denial> meant(boolean dryToo) {
        return set.guardrails().values().stream()
                .filter(guardrail -> dryToo || !guardrail.dryRun())
                .flatMap(guardrail -> guardrail.deny().values().stream())
                .filter(denial -> denial.to().includes(service))
                .toList();
    }

    private MatchedRoute matched(Hit hit, boolean dryToo) {
        return new MatchedRoute(
                service + "/" + hit.route().name(),
                hit.match(),
                NaiveInputs.of(hit.route(), dryToo, meant(dryToo), condition));
    }
}
