package dev.sallyport.authoring.diff;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.FieldCondition;
import dev.sallyport.policy.Guardrail;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.policy.Relaxations;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.Callers;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RuleRef;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** One of the two sets, asked for what it grants; empty rules and no guardrail where a service is not declared. */
final class Side {
    private final DocumentSet set;
    private final Instant now;
    private final Map<String, PolicySet> compiled = new TreeMap<>();

    Side(DocumentSet set, Instant now) {
        this.set = set;
        this.now = now;
    }

    DocumentSet documents() {
        return set;
    }

    Mesh mesh() {
        return set.mesh();
    }

    Optional<RoutePolicy> policy(String service) {
        return Optional.ofNullable(set.policies().get(service));
    }

    /** Whether any port relaxes them. */
    boolean emptySegments(String service) {
        return Optional.ofNullable(mesh().services().get(service)).stream()
                .flatMap(declared -> declared.relax().values().stream())
                .anyMatch(Relaxations::emptySegments);
    }

    /** A route, and which of its matches it is. */
    record Routed(Route route, RoutePolicy.Match match) {}

    /** What guardrails are about: a sample must not meet one by chance. */
    Stream<PathTemplate> guarded() {
        return set.guardrails().values().stream()
                .flatMap(guardrail -> guardrail.deny().values().stream())
                .flatMap(denial -> denial.matches().stream())
                .map(Guardrail.LooseMatch::path);
    }

    /** The route that answers to the cell; only found here, judged rule by rule elsewhere. */
    Optional<Routed> route(String service, Cell cell) {
        if (!set.mesh().services().containsKey(service)) {
            return Optional.empty();
        }
        PolicySet policies = compiled.computeIfAbsent(service, name -> PolicySet.compile(set, name));
        return policies.decide(cell.sample(), now)
                .route()
                .flatMap(matched -> policy(service)
                        .map(policy -> policy.routes().get(matched.name().substring(service.length() + 1)))
                        .map(route -> new Routed(route, matched.match())));
    }

    /** The live rules of a route that name {@code caller}, unless a guardrail surely denies. */
    List<Granted> grants(String service, Cell cell, Optional<Routed> routed, String caller) {
        Mesh.Service declared = set.mesh().services().get(caller);
        if (routed.isEmpty() || declared == null || surelyDenied(service, cell, declared.identity())) {
            return List.of();
        }
        Route route = routed.get().route();
        return route.allow().values().stream()
                .filter(rule -> !rule.dryRun())
                .filter(rule -> rule.expires().filter(end -> !now.isBefore(end)).isEmpty())
                .filter(rule -> names(rule.from(), declared.identity()))
                .map(rule -> new Granted(
                        new RuleRef(service, route.name(), rule.name()),
                        rule,
                        Stream.concat(route.fields().stream(), rule.fields().stream())
                                .toList(),
                        routed.get().match()))
                .toList();
    }

    private static boolean names(Callers callers, SpiffeId identity) {
        return callers.anyMesh() || callers.identities().contains(identity);
    }

    /** By a denial that no fact of the request can avert. */
    private boolean surelyDenied(String service, Cell cell, SpiffeId caller) {
        return set.guardrails().values().stream()
                .filter(guardrail -> !guardrail.dryRun())
                .flatMap(guardrail -> guardrail.deny().values().stream())
                .filter(denial -> denial.to().includes(service) && denial.when().isEmpty())
                .filter(denial ->
                        denial.matches().isEmpty() || denial.matches().stream().anyMatch(match -> means(match, cell)))
                .filter(denial -> denial.from().map(from -> names(from, caller)).orElse(true))
                .anyMatch(denial ->
                        denial.unlessFrom().map(from -> !names(from, caller)).orElse(!averts(denial)));
    }

    private static boolean averts(Guardrail.Denial denial) {
        List<FieldCondition> fields = denial.unlessFields();
        return denial.unlessUser().isPresent() || denial.unlessWhen().isPresent() || !fields.isEmpty();
    }

    /** Strictly: what only the loose reading means is left to the guardrail's own line in a diff. */
    private static boolean means(Guardrail.LooseMatch match, Cell cell) {
        boolean method = match.method().isEmpty()
                || match.method().get().equals(cell.sample().method());
        return method && match.path().matches(cell.sample().path());
    }

    /** Whether {@code mode: observe} forwards anything that no rule allows. */
    boolean observes() {
        return Stream.concat(
                        set.mesh().observeUntil().stream(),
                        set.policies().values().stream()
                                .flatMap(policy -> Stream.concat(
                                        policy.observeUntil().stream(),
                                        policy.routes().values().stream()
                                                .flatMap(route -> route.observeUntil().stream()))))
                .anyMatch(now::isBefore);
    }

    /** Denials in force, by {@code guardrail/denial}. */
    Map<String, Guardrail.Denial> denials() {
        Map<String, Guardrail.Denial> denials = new TreeMap<>();
        set.guardrails().values().stream()
                .filter(guardrail -> !guardrail.dryRun())
                .forEach(guardrail ->
                        guardrail.deny().forEach((name, denial) -> denials.put(guardrail.name() + "/" + name, denial)));
        return denials;
    }
}
