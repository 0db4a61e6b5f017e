package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The one evaluator, compiled for one destination service: route index, default deny. Immutable, pure, total; any thread. */
public final class PolicySet {
    private final Mesh mesh;
    private final String service;
    private final Map<SpiffeId, String> names;
    private final List<CompiledRoute> routes;
    private final RouteIndex<CompiledRoute> index;

    private PolicySet(Mesh mesh, String service, List<CompiledRoute> routes) {
        this.mesh = mesh;
        this.service = service;
        this.routes = List.copyOf(routes);
        this.names = new HashMap<>();
        mesh.services().forEach((name, declared) -> names.put(declared.identity(), name));
        this.index = new RouteIndex<>();
        routes.forEach(route -> {
            if (route.match() instanceof RoutePolicy.Match.Http(String method, PathTemplate path)) {
                index.add(method, path, route);
            }
        });
    }

    /**
     * {@code service} must be declared by the Mesh; without a RoutePolicy every request is {@code no_route}.
     * IllegalArgumentException otherwise.
     */
    public static PolicySet compile(DocumentSet documents, String service) {
        Mesh mesh = documents.mesh();
        if (!mesh.services().containsKey(service)) {
            throw new IllegalArgumentException("service: " + service + " (expected: one of "
                    + mesh.services().keySet() + ", as Mesh " + mesh.name() + " declares)");
        }
        List<CompiledRoute> routes = new ArrayList<>();
        RoutePolicy policy = documents.policies().get(service);
        if (policy != null) {
            policy.routes().values().forEach(route -> routes.addAll(compile(mesh, service, route)));
        }
        return new PolicySet(mesh, service, routes);
    }

    private static List<CompiledRoute> compile(Mesh mesh, String service, RoutePolicy.Route route) {
        List<CompiledRule> rules = route.allow().values().stream()
                .map(rule -> CompiledRule.of(new RuleRef(service, route.name(), rule.name()), rule, mesh))
                .toList();
        String name = service + "/" + route.name();
        return route.matches().stream()
                .map(match -> new CompiledRoute(
                        match, new Decision.MatchedRoute(name, match, new Inputs(new TreeMap<>())), rules))
                .toList();
    }

    /** The service whose requests it judges. */
    public String service() {
        return service;
    }

    /** Total: whatever goes wrong inside denies as {@code internal_error}. {@code now} is the time of the request. */
    public Decision decide(RequestFacts facts, Instant now) {
        return judge(facts, now).decision();
    }

    /** The same evaluation with every condition of every rule of the matched route, its value, and the nearest rule. Slow path. */
    public Explanation explain(RequestFacts facts, Instant now) {
        Judged judged = judge(facts, now);
        return new Explainer(mesh, service, routes, judged.evaluation()).explain(judged.decision(), judged.route());
    }

    /** A decision with what it was made from. */
    private record Judged(Decision decision, Optional<CompiledRoute> route, Evaluation evaluation) {}

    private Judged judge(RequestFacts facts, Instant now) {
        Evaluation evaluation = new Evaluation(mesh, names, facts, now);
        Optional<CompiledRoute> route = Optional.empty();
        Decision decision;
        try {
            route = index.find(evaluation.method(), evaluation.path());
            decision = route.isPresent()
                    ? route.get().judge(evaluation)
                    : new Decision.Deny(Reason.NO_ROUTE, Optional.empty(), Optional.empty(), Optional.empty());
        } catch (RuntimeException broken) { // of our own or of the facts: doubt denies
            decision = new Decision.Deny(
                    Reason.INTERNAL_ERROR, route.map(CompiledRoute::matched), Optional.empty(), Optional.empty());
        }
        return new Judged(decision, route, evaluation);
    }
}
