package dev.sallyport.authoring;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Everything that is wrong (the loader's problems) or doubtful (warnings) in a set of sources. Pure. */
public final class Lint {
    /** {@code any-mesh} may change something without any user. */
    static final String ANYBODY_MAY_CHANGE = "SP0701";

    /** A service that others may call by its port and by no rule. */
    static final String NO_POLICY = "SP0801";

    /** A token would be forwarded that no rule looks at. */
    static final String FORWARDS_UNSEEN_TOKEN = "SP0402";

    /** An issuer whose tokens no rule accepts. */
    static final String ISSUER_UNUSED = "SP0802";

    private final DocumentSet set;
    private final Places places;
    private final List<Finding> findings = new ArrayList<>();

    private Lint(DocumentSet set, Places places) {
        this.set = set;
        this.places = places;
    }

    /** Errors only while there is any; then warnings, the Mesh's first. */
    public static List<Finding> check(List<Source> sources) {
        try {
            DocumentSet set = DocumentSet.load(sources);
            return new Lint(set, new Places(sources)).warnings();
        } catch (InvalidDocumentException invalid) {
            return invalid.problems().stream()
                    .map(problem -> new Finding(Finding.Severity.ERROR, problem))
                    .toList();
        }
    }

    private List<Finding> warnings() {
        set.mesh().services().values().forEach(this::service);
        unusedIssuers();
        for (RoutePolicy policy : set.policies().values()) {
            for (RoutePolicy.Route route : policy.routes().values()) {
                route.allow().values().forEach(rule -> rule(policy, route, rule));
            }
        }
        return List.copyOf(findings);
    }

    private void service(Mesh.Service service) {
        if (!service.ports().isEmpty() && !set.policies().containsKey(service.name())) {
            mesh(
                    List.of("spec", "services", service.name()),
                    NO_POLICY,
                    "has an HTTP port and no RoutePolicy, so that every request to it is denied (expected: a RoutePolicy"
                            + " with service: " + service.name() + ", or no ports)");
        }
    }

    /** {@code optional} and {@code required} accept every issuer of the mesh. */
    private void unusedIssuers() {
        List<UserRequirement> users = set.policies().values().stream()
                .map(RoutePolicy::routes)
                .flatMap(routes -> routes.values().stream())
                .map(RoutePolicy.Route::allow)
                .flatMap(rules -> rules.values().stream())
                .map(RoutePolicy.Rule::user)
                .toList();
        for (String issuer : set.mesh().issuers().keySet()) {
            if (users.stream().noneMatch(user -> accepts(user, issuer))) {
                mesh(
                        List.of("spec", "issuers", issuer),
                        ISSUER_UNUSED,
                        "no rule accepts a token of it (expected: a rule with user: {issuer: " + issuer
                                + "}, or no such issuer)");
            }
        }
    }

    private static boolean accepts(UserRequirement user, String issuer) {
        return switch (user) {
            case UserRequirement.None _ -> false;
            case UserRequirement.OptionalUser _, UserRequirement.Required _ -> true;
            case UserRequirement.Conditions conditions -> conditions.issuer().equals(issuer);
        };
    }

    private void rule(RoutePolicy policy, RoutePolicy.Route route, RoutePolicy.Rule rule) {
        if (!(rule.user() instanceof UserRequirement.None)) {
            return;
        }
        List<String> path = List.of("spec", "routes", route.name(), "allow", rule.name());
        if (rule.forwardToken()) {
            warn(
                    "RoutePolicy",
                    policy.name(),
                    append(path, "forwardToken"),
                    FORWARDS_UNSEEN_TOKEN,
                    "forwards a token that the rule never looks at (expected: user: required, or no forwardToken)");
        }
        Set<String> changes = route.matches().stream()
                .filter(RoutePolicy.Match::mutating)
                .map(RoutePolicy.Match::toString)
                .collect(Collectors.toCollection(TreeSet::new));
        if (rule.from().anyMesh() && !changes.isEmpty()) {
            warn(
                    "RoutePolicy",
                    policy.name(),
                    append(path, "from"),
                    ANYBODY_MAY_CHANGE,
                    "every service may call " + String.join(", ", changes)
                            + " without a user (expected: the services that must, by name, or a user)");
        }
    }

    private void mesh(List<String> path, String code, String message) {
        warn("Mesh", set.mesh().name(), path, code, message);
    }

    private void warn(String kind, String name, List<String> path, String code, String message) {
        Problem problem = new Problem(places.of(kind, name, path), String.join(".", path), code, message);
        findings.add(new Finding(Finding.Severity.WARNING, problem));
    }

    private static List<String> append(Collection<String> path, String key) {
        List<String> longer = new ArrayList<>(path);
        longer.add(key);
        return List.copyOf(longer);
    }
}
