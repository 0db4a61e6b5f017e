package dev.sallyport.authoring;

import dev.sallyport.policy.FieldCondition;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is doubtful in a RoutePolicy or a candidate. */
final class RouteLint {
    /** A rule that says in other words what another rule of its route says. */
    static final String RULE_TWICE = "SP0313";

    /** A token would be forwarded that no rule looks at. */
    static final String FORWARDS_UNSEEN_TOKEN = "SP0402";

    /** A condition on a header that every caller may set. */
    static final String ANYBODY_SETS_HEADER = "SP0604";

    /** {@code any-mesh} may change something without any user. */
    static final String ANYBODY_MAY_CHANGE = "SP0701";

    /** A pattern that selects every service. */
    static final String PATTERN_IS_EVERYBODY = "SP0707";

    /** Rules for a service that has no port to call. */
    static final String NO_PORT = "SP0805";

    private static final String KIND = "RoutePolicy";
    private static final Pattern HEADER = Pattern.compile("request\\.headers\\[\\s*[\"']([^\"']+)");

    private final Mesh mesh;
    private final RoutePolicy policy;
    private final Warnings warnings;

    RouteLint(Mesh mesh, RoutePolicy policy, Warnings warnings) {
        this.mesh = mesh;
        this.policy = policy;
        this.warnings = warnings;
    }

    void check() {
        Mesh.Service service = mesh.services().get(policy.service());
        if (service != null && service.ports().isEmpty()) {
            warn(
                    List.of("spec", "service"),
                    NO_PORT,
                    policy.service() + " declares no ports in the Mesh, so that nobody can call it (expected: ports, as"
                            + " 8080: http)");
        }
        observes(policy.observeUntil(), List.of("spec"));
        policy.routes().values().forEach(this::route);
    }

    private void observes(Optional<Instant> observeUntil, List<String> path) {
        observeUntil.ifPresent(until -> warn(
                Places.path(path, "mode"),
                MeshLint.OBSERVES,
                "what no rule allows is forwarded until " + until
                        + " (expected: mode: enforce, once the records show what the rules lack)"));
    }

    private void route(Route route) {
        List<String> path = List.of("spec", "routes", route.name());
        observes(route.observeUntil(), path);
        Map<Rule, String> seen = new HashMap<>();
        for (Rule rule : route.allow().values()) {
            List<String> place = Places.path(path, "allow", rule.name());
            String first = seen.putIfAbsent(nameless(rule), rule.name());
            if (first != null) {
                warn(place, RULE_TWICE, "says the same as rule " + first + " (expected: one of them)");
            }
            users(route, rule, place);
            callers(route, rule, place);
        }
    }

    private static Rule nameless(Rule rule) {
        RoutePolicy.Callers from =
                new RoutePolicy.Callers(rule.from().anyMesh(), rule.from().identities(), List.of());
        return new Rule(
                "",
                from,
                rule.user(),
                rule.fields(),
                rule.when(),
                rule.opa(),
                rule.expires(),
                rule.dryRun(),
                rule.forwardToken(),
                rule.forwardUnverified());
    }

    private void users(Route route, Rule rule, List<String> path) {
        if (!(rule.user() instanceof UserRequirement.None)) {
            return;
        }
        if (rule.forwardToken()) {
            warn(
                    Places.path(path, "forwardToken"),
                    FORWARDS_UNSEEN_TOKEN,
                    "forwards a token that the rule never looks at (expected: user: required, or no forwardToken)");
        }
        Set<String> changes = route.matches().stream()
                .filter(RoutePolicy.Match::mutating)
                .map(RoutePolicy.Match::toString)
                .collect(Collectors.toCollection(TreeSet::new));
        if (rule.from().anyMesh() && !changes.isEmpty()) {
            warn(
                    Places.path(path, "from"),
                    ANYBODY_MAY_CHANGE,
                    "every service may call " + String.join(", ", changes)
                            + " without a user (expected: the services that must, by name, or a user)");
        }
    }

    private void callers(Route route, Rule rule, List<String> path) {
        boolean pattern = rule.from().names().stream().anyMatch(name -> name.indexOf('*') >= 0);
        boolean everybody = rule.from().identities().size() == mesh.services().size();
        if (pattern && everybody && mesh.services().size() > 1) {
            warn(
                    Places.path(path, "from"),
                    PATTERN_IS_EVERYBODY,
                    "selects every service of the mesh, and each that is added and fits (expected: any-mesh if that is"
                            + " meant, or a narrower pattern)");
        }
        Set<String> headers = headers(route, rule);
        if (rule.from().anyMesh() && !headers.isEmpty()) {
            warn(
                    Places.path(path, "from"),
                    ANYBODY_SETS_HEADER,
                    "every service may call, and what " + String.join(", ", headers)
                            + " says is as honest as the caller (expected: the services that set it rightly, by name, or"
                            + " a claim of the user)");
        }
    }

    /** Those that decide, by a condition of the route or of the rule. */
    private static Set<String> headers(Route route, Rule rule) {
        Set<String> headers = Stream.concat(route.fields().stream(), rule.fields().stream())
                .filter(field -> field.kind() == FieldCondition.Kind.HEADER)
                .map(FieldCondition::name)
                .collect(Collectors.toCollection(TreeSet::new));
        rule.when().stream()
                .flatMap(when -> HEADER.matcher(when.source()).results())
                .forEach(read -> headers.add(read.group(1)));
        return headers;
    }

    private void warn(List<String> path, String code, String message) {
        warnings.add(KIND, policy.name(), path, code, message);
    }
}
