package dev.sallyport.policy;

import dev.sallyport.policy.RoutePolicy.Match;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The one evaluator, compiled for one destination service: guardrails first, then the rules of the most specific route, default deny. Immutable, pure, total; any thread.
 *
 * <p>Host → method → template: a route that names the request's host comes before one that names none.
 */
public final class PolicySet {
    private final String service;
    private final MeshIndex mesh;
    private final List<CompiledDenial> guardrails;
    private final CompiledRoute noRoute;
    private final List<CompiledRoute> routes = new ArrayList<>();
    private final RouteIndex<CompiledRoute> anyHost = new RouteIndex<>();
    private final Map<String, RouteIndex<CompiledRoute>> byHost = new HashMap<>();
    private final Map<Integer, CompiledRoute> byTcpPort = new HashMap<>();
    private final Optional<PolicySet> trial;

    private PolicySet(String service, PolicyCompiler compiler, Optional<PolicySet> trial) {
        this.service = service;
        this.trial = trial;
        this.mesh = compiler.mesh();
        this.guardrails = compiler.guardrails();
        this.noRoute = compiler.noRoute();
        compiler.routes(this::add);
    }

    /**
     * {@code service} must be declared by the Mesh; without a RoutePolicy every request is {@code no_route}. Slow: never on an event loop. IllegalArgumentException for an unknown
     * service, and for a condition that nobody has checked or that is beyond its bounds.
     */
    public static PolicySet compile(DocumentSet documents, String service) {
        Mesh mesh = documents.mesh();
        if (!mesh.services().containsKey(service)) {
            throw new IllegalArgumentException("service: " + service + " (expected: one of "
                    + mesh.services().keySet() + ", as Mesh " + mesh.name() + " declares)");
        }
        Optional<PolicySet> trial = PolicyCompiler.hasTrial(documents, service)
                ? Optional.of(new PolicySet(service, new PolicyCompiler(documents, service, true), Optional.empty()))
                : Optional.empty();
        return new PolicySet(service, new PolicyCompiler(documents, service, false), trial);
    }

    private void add(Match match, CompiledRoute route, Iterable<String> hosts) {
        routes.add(route);
        switch (match) {
            case Match.Http(String method, PathTemplate path) -> add(method, path, route, hosts);
            case Match.Grpc(PathTemplate path) -> add("POST", path, route, hosts);
            case Match.Tcp(int port) -> byTcpPort.put(port, route);
        }
    }

    private void add(String method, PathTemplate path, CompiledRoute route, Iterable<String> hosts) {
        boolean any = true;
        for (String host : hosts) {
            any = false;
            byHost.computeIfAbsent(host, _ -> new RouteIndex<>()).add(method, path, route);
        }
        if (any) {
            anyHost.add(method, path, route);
        }
    }

    /** The service whose requests it judges. */
    public String service() {
        return service;
    }

    /** Total: whatever goes wrong inside denies as {@code internal_error}. {@code now} is the time of the request. */
    public Decision decide(RequestFacts facts, Instant now) {
        CompiledRoute route = noRoute;
        try {
            route = find(facts);
            return judge(new Evaluation(route, mesh.number(facts.caller()), facts, now));
        } catch (RuntimeException broken) { // of our own or of the facts: doubt denies
            return broken(route);
        }
    }

    /**
     * What the decision would be if nothing were in dry run: rules, guardrails, a candidate. Empty when nothing is. It grants and denies nothing; as total as {@link #decide}.
     */
    public Optional<Decision> shadow(RequestFacts facts, Instant now) {
        return trial.map(live -> live.decide(facts, now));
    }

    /** The same evaluation with every condition of every guardrail and of every rule of the matched route, its value, and the nearest rule. Slow path. */
    public Explanation explain(RequestFacts facts, Instant now) {
        Decision decision = decide(facts, now);
        try {
            Evaluation evaluation = new Evaluation(find(facts), mesh.number(facts.caller()), facts, now);
            return new Explainer(service, routes, guardrails, evaluation).explain(decision, shadow(facts, now));
        } catch (RuntimeException unreadable) { // by what a decision did not have to look at, perhaps
            return Explanation.broken(decision);
        }
    }

    private static Decision.Deny broken(CompiledRoute route) {
        return new Decision.Deny(Reason.INTERNAL_ERROR, route.matched(), Optional.empty(), Optional.empty());
    }

    private CompiledRoute find(RequestFacts facts) {
        if (facts.tcpPort().isPresent()) {
            return byTcpPort.getOrDefault(facts.tcpPort().getAsInt(), noRoute);
        }
        CompiledRoute found = find(facts, facts.path());
        if (facts.path().indexOf(';') < 0) {
            return found;
        }
        // The application acts on what a segment is without its parameters: /admin;x=1 must not slip past the rules of
        // /admin through those of /{page}.
        return found == find(facts, PathSyntax.withoutParameters(facts.path())) ? found : noRoute;
    }

    private CompiledRoute find(RequestFacts facts, String path) {
        String method = facts.method();
        if (!byHost.isEmpty()) {
            RouteIndex<CompiledRoute> own = byHost.get(facts.host());
            Optional<CompiledRoute> found = own == null ? Optional.empty() : own.find(method, path);
            if (found.isPresent()) {
                return found.get();
            }
        }
        return anyHost.find(method, path).orElse(noRoute);
    }

    private Decision judge(Evaluation evaluation) {
        boolean relaxedPath = !guardrails.isEmpty() && LoosePath.isRelaxed(evaluation.facts());
        for (int i = 0; i < guardrails.size(); i++) { // no iterator: one for each decision would be garbage
            if (guardrails.get(i).denies(evaluation, relaxedPath)) {
                return new Decision.Deny(
                        Reason.GUARDRAIL,
                        evaluation.route().matched(),
                        Optional.empty(),
                        Optional.of(guardrails.get(i).ref()));
            }
        }
        Decision decision = evaluation.route().judge(evaluation);
        return decision instanceof Decision.Deny deny && observes(evaluation)
                ? evaluation.route().observed(deny)
                : decision;
    }

    /** {@code mode: observe} forwards what no rule allows, but nobody without a certificate and nothing with a bad token. */
    private static boolean observes(Evaluation evaluation) {
        return evaluation.now().isBefore(evaluation.route().observeUntil())
                && evaluation.facts().caller().isPresent()
                && harmless(Proven.of(evaluation.facts(), true, evaluation.mesh(), evaluation.now()));
    }

    private static boolean harmless(UserFact fact) {
        return fact instanceof UserFact.Absent || fact instanceof UserFact.Verified;
    }
}
