package dev.sallyport.authoring;

import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Guardrail;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Mesh.PortKind;
import dev.sallyport.policy.OpaQuery;
import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is doubtful in a Mesh, seen with the policies that refer to it. */
final class MeshLint {
    /** Until a date, nothing is enforced. */
    static final String OBSERVES = "SP0705";

    /** A service that others may call by its port and by no rule. */
    static final String NO_POLICY = "SP0801";

    /** An issuer whose tokens no rule accepts. */
    static final String ISSUER_UNUSED = "SP0802";

    /** An OPA that no rule asks. */
    static final String OPA_UNUSED = "SP0803";

    /** A kind of port that sidecars do not serve yet. */
    static final String PORT_NOT_SERVED = "SP0804";

    /** A relaxation that no template of the service has a use for. */
    static final String RELAXATION_UNUSED = "SP0806";

    private static final String KIND = "Mesh";

    private final DocumentSet set;
    private final Mesh mesh;
    private final Warnings warnings;

    MeshLint(DocumentSet set, Warnings warnings) {
        this.set = set;
        this.mesh = set.mesh();
        this.warnings = warnings;
    }

    void check() {
        mesh.observeUntil()
                .ifPresent(until -> warn(
                        List.of("spec", "mode"),
                        OBSERVES,
                        "what no rule of any service allows is forwarded until " + until
                                + " (expected: mode: enforce, once the records show what the rules lack)"));
        mesh.services().values().forEach(this::service);
        unusedIssuers();
        unusedTargets();
    }

    private void service(Mesh.Service service) {
        List<String> path = List.of("spec", "services", service.name());
        if (!service.ports().isEmpty() && !set.policies().containsKey(service.name())) {
            warn(
                    path,
                    NO_POLICY,
                    "has an HTTP port and no RoutePolicy, so that every request to it is denied (expected: a RoutePolicy"
                            + " with service: " + service.name() + ", or no ports)");
        }
        service.ports().forEach((port, kind) -> {
            if (kind != PortKind.HTTP) {
                warn(
                        Places.path(path, "ports", String.valueOf(port)),
                        PORT_NOT_SERVED,
                        kind.word() + ": sidecars of this version do not serve it and refuse such connections"
                                + " (expected: nobody who calls this port yet)");
            }
        });
        service.relax().forEach((port, relaxations) -> {
            List<String> place = Places.path(path, "relax", String.valueOf(port));
            boolean rest = anySegment(service, PathTemplate.Segment.Rest.class);
            boolean variable = rest || anySegment(service, PathTemplate.Segment.Variable.class);
            unused(relaxations.encodedSlash() && !variable, place, "encodedSlash", "{name} or /**");
            unused(relaxations.matrixParameters() && !variable, place, "matrixParameters", "{name} or /**");
            unused(relaxations.emptySegments() && !rest, place, "emptySegments", "/**");
        });
    }

    private void unused(boolean unused, List<String> place, String key, String template) {
        if (unused) {
            warn(
                    Places.path(place, key),
                    RELAXATION_UNUSED,
                    "no route matches what it lets through (expected: a match with " + template + ", or no " + key
                            + ")");
        }
    }

    private boolean anySegment(Mesh.Service service, Class<? extends PathTemplate.Segment> kind) {
        return Stream.of(set.policies(), set.candidates())
                .flatMap(policies -> Stream.ofNullable(policies.get(service.name())))
                .flatMap(policy -> policy.routes().values().stream())
                .flatMap(route -> route.matches().stream())
                .flatMap(match -> match.template().stream())
                .flatMap(template -> template.segments().stream())
                .anyMatch(kind::isInstance);
    }

    /** {@code optional} and {@code required} accept every issuer of the mesh. */
    private void unusedIssuers() {
        List<UserRequirement> users = Stream.concat(
                        rules().map(RoutePolicy.Rule::user),
                        set.guardrails().values().stream()
                                .flatMap(guardrail -> guardrail.deny().values().stream())
                                .map(Guardrail.Denial::unlessUser)
                                .flatMap(Optional::stream))
                .toList();
        for (String issuer : mesh.issuers().keySet()) {
            if (users.stream().noneMatch(user -> accepts(user, issuer))) {
                warn(
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

    private void unusedTargets() {
        Set<String> asked = rules().map(RoutePolicy.Rule::opa)
                .flatMap(Optional::stream)
                .map(OpaQuery::target)
                .collect(Collectors.toSet());
        for (String target : mesh.opa().keySet()) {
            if (!asked.contains(target)) {
                warn(
                        List.of("spec", "opa", target),
                        OPA_UNUSED,
                        "no rule asks it (expected: a rule with opa: {target: " + target + "}, or no such target)");
            }
        }
    }

    private Stream<RoutePolicy.Rule> rules() {
        return Stream.concat(set.policies().values().stream(), set.candidates().values().stream())
                .flatMap(policy -> policy.routes().values().stream())
                .flatMap(route -> route.allow().values().stream());
    }

    private void warn(List<String> path, String code, String message) {
        warnings.add(KIND, mesh.name(), path, code, message);
    }
}
