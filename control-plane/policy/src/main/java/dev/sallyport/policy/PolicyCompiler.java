package dev.sallyport.policy;

import dev.sallyport.policy.RoutePolicy.AuditMode;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Recording;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Documents into what decides, for one service: the live rules, or, {@code trial}, what would rule if nothing were in dry run. Used once, by one thread. */
final class PolicyCompiler {
    private final DocumentSet documents;
    private final String service;
    private final boolean trial;
    private final MeshIndex mesh;
    private final RuleCompiler rules;
    private final Map<List<CallerSet>, CallerTable> tables = new HashMap<>();
    private final SortedMap<String, Recording> guardrailInputs = new TreeMap<>();

    PolicyCompiler(DocumentSet documents, String service, boolean trial) {
        this.documents = documents;
        this.service = service;
        this.trial = trial;
        this.mesh = new MeshIndex(documents.mesh());
        this.rules = new RuleCompiler(mesh);
    }

    /** Whether anything of this service is in dry run. */
    static boolean hasTrial(DocumentSet documents, String service) {
        return documents.candidates().containsKey(service)
                || documents.guardrails().values().stream()
                        .filter(Guardrail::dryRun)
                        .flatMap(guardrail -> guardrail.deny().values().stream())
                        .anyMatch(denial -> denial.to().includes(service))
                || Optional.ofNullable(documents.policies().get(service)).stream()
                        .flatMap(policy -> policy.routes().values().stream())
                        .flatMap(route -> route.allow().values().stream())
                        .anyMatch(Rule::dryRun);
    }

    MeshIndex mesh() {
        return mesh;
    }

    private Optional<RoutePolicy> policy() {
        RoutePolicy live = documents.policies().get(service);
        RoutePolicy candidate = documents.candidates().get(service);
        return Optional.ofNullable(trial && candidate != null ? candidate : live);
    }

    /** First, for what guardrails read is recorded with every route. */
    List<CompiledDenial> guardrails() {
        List<CompiledDenial> denials = new ArrayList<>();
        Mesh.Service called = documents.mesh().services().get(service);
        Paths paths = called == null ? Paths.LOOSEST : called.paths();
        for (Guardrail guardrail : documents.guardrails().values()) {
            if (guardrail.dryRun() && !trial) {
                continue;
            }
            guardrail.deny().values().stream()
                    .filter(denial -> denial.to().includes(service))
                    .map(denial ->
                            CompiledDenial.of(new GuardrailRef(guardrail.name(), denial.name()), denial, rules, paths))
                    .forEach(denials::add);
        }
        denials.forEach(denial -> Stream.concat(denial.about().stream(), denial.unless().stream())
                .forEach(condition -> reads(condition, guardrailInputs)));
        return List.copyOf(denials);
    }

    /** What judges a request that no route matches. */
    CompiledRoute noRoute() {
        CompiledRoute.Rules none = new CompiledRoute.Rules(
                List.of(), List.of(), CallerTable.of(List.of()), Optional.empty(), AuditMode.BUFFERED);
        return new CompiledRoute(mesh, Optional.empty(), none, observeUntil(Optional.empty()));
    }

    /** Each match of each route with the hosts that it is for. */
    void routes(RouteSink sink) {
        policy().stream().flatMap(policy -> policy.routes().values().stream()).forEach(route -> route(route, sink));
    }

    /** Takes one match; {@code hosts} empty means every host. */
    interface RouteSink {
        void add(Match match, CompiledRoute compiled, Iterable<String> hosts);
    }

    private void route(Route route, RouteSink sink) {
        List<CompiledRule> byName = route.allow().values().stream()
                .filter(rule -> trial || !rule.dryRun())
                .map(rule -> rules.rule(new RuleRef(service, route.name(), rule.name()), rule, route.fields()))
                .toList();
        List<CompiledRule> ranked = byName.stream().sorted(CompiledRule.RANK).toList();
        CallerTable callers = tables.computeIfAbsent(
                ranked.stream().map(rule -> rule.callers().set()).toList(), CallerTable::of);
        CompiledRoute.Rules compiled =
                new CompiledRoute.Rules(ranked, byName, callers, rules.one(route.limit()), route.audit());
        Inputs inputs = rules.one(inputs(route, byName));
        for (Match match : route.matches()) {
            Decision.MatchedRoute matched = new Decision.MatchedRoute(service + "/" + route.name(), match, inputs);
            sink.add(
                    match,
                    new CompiledRoute(mesh, Optional.of(matched), compiled, observeUntil(route.observeUntil())),
                    route.hosts());
        }
    }

    /** The latest of mesh, policy and route, each of which can let pass what is below it. */
    private Instant observeUntil(Optional<Instant> route) {
        return Stream.of(documents.mesh().observeUntil(), policy().flatMap(RoutePolicy::observeUntil), route)
                .flatMap(Optional::stream)
                .max(Comparator.naturalOrder())
                .orElse(Instant.MIN);
    }

    private Inputs inputs(Route route, List<CompiledRule> compiled) {
        SortedMap<String, Recording> inputs = new TreeMap<>(guardrailInputs);
        compiled.stream().flatMap(rule -> rule.checks().stream()).forEach(condition -> reads(condition, inputs));
        // A variable is on record as a part of the path, read or not.
        route.record().forEach((name, recording) -> {
            if (inputs.containsKey(name) || name.startsWith(Inputs.PATH)) {
                inputs.put(name, recording);
            }
        });
        return new Inputs(inputs);
    }

    private static void reads(Condition condition, SortedMap<String, Recording> inputs) {
        if (condition instanceof RequestCondition read) {
            read.reads().forEach(name -> inputs.put(name, Recording.KEYED));
        }
    }
}
