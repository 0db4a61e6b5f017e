package dev.sallyport.authoring.tests;

import dev.sallyport.authoring.tests.Area.Placed;
import dev.sallyport.authoring.tests.PolicyTest.Pattern;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Guardrail;
import dev.sallyport.policy.Guardrail.Denial;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.Callers;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import dev.sallyport.policy.RuleRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Through what a request of a pattern could pass, over every input: read off the documents, not tried. What no document decides (conditions, header and query fields, OPA) counts as
 * true for the caller, and as false in a guardrail: what is not found here cannot happen, what is found may.
 */
final class Openings {
    private final DocumentSet set;
    private final String service;
    private final Pattern pattern;
    private final Instant now;
    private final Set<Opening> openings = new LinkedHashSet<>();

    /** {@code caller}, a service of the Mesh, may pass by {@code through} when each of {@code proven} holds of its user. */
    record Opening(String through, String caller, List<UserRequirement> proven) {}

    private Openings(DocumentSet set, String service, Pattern pattern, Instant now) {
        this.set = set;
        this.service = service;
        this.pattern = pattern;
        this.now = now;
    }

    /** From the callers that the Mesh declares; a rule allows no other. */
    static List<Opening> of(DocumentSet set, String service, Pattern pattern, Instant now) {
        Openings openings = new Openings(set, service, pattern, now);
        openings.find();
        return List.copyOf(openings.openings);
    }

    private void find() {
        Optional<RoutePolicy> policy = Optional.ofNullable(set.policies().get(service));
        observed("Mesh " + set.mesh().name(), set.mesh().observeUntil(), Area.of(pattern));
        policy.ifPresent(known -> {
            observed("policy " + known.name(), known.observeUntil(), Area.of(pattern));
            List<Placed> matches = known.routes().values().stream()
                    .flatMap(route -> route.matches().stream().map(match -> new Placed(route, match)))
                    .toList();
            List<Placed> around = matches.stream()
                    .filter(placed -> Area.of(pattern).stream().anyMatch(area -> area.isWithin(placed.match())))
                    .toList();
            matches.forEach(placed -> match(placed, around));
        });
    }

    /** {@code around}: the matches that have all of the pattern's requests; only these can take them all away from another. */
    private void match(Placed placed, List<Placed> around) {
        List<Area> areas = Area.common(pattern, placed.match()).stream()
                .filter(area -> !area.isTakenFrom(placed, around))
                .toList();
        Route route = placed.route();
        observed("route " + service + "/" + route.name(), route.observeUntil(), areas);
        for (Rule rule : route.allow().values()) {
            boolean ended = rule.expires().filter(end -> !now.isBefore(end)).isPresent();
            if (!ended && !rule.dryRun()) {
                String ref = "rule " + new RuleRef(service, route.name(), rule.name());
                areas.forEach(area -> open(ref, rule.from(), List.of(rule.user()), area));
            }
        }
    }

    /** While {@code mode: observe} lasts, what no rule allows is forwarded. */
    private void observed(String where, Optional<Instant> until, List<Area> areas) {
        until.filter(now::isBefore)
                .ifPresent(end -> areas.forEach(area -> open(
                        "mode: observe of " + where + ", until " + end,
                        new Callers(true, Set.of(), List.of()),
                        List.of(),
                        area)));
    }

    private void open(String through, Callers from, List<UserRequirement> wanted, Area area) {
        for (Mesh.Service caller : set.mesh().services().values()) {
            if (isAmong(caller, from)) {
                guarded(caller, area).ifPresent(more -> {
                    List<UserRequirement> proven = new ArrayList<>(wanted);
                    proven.addAll(more);
                    openings.add(new Opening(through, caller.name(), List.copyOf(proven)));
                });
            }
        }
    }

    private static boolean isAmong(Mesh.Service caller, Callers callers) {
        return callers.anyMesh() || callers.identities().contains(caller.identity());
    }

    /** What the guardrails still ask of the user; empty when one of them surely denies. */
    private Optional<List<UserRequirement>> guarded(Mesh.Service caller, Area area) {
        List<UserRequirement> wanted = new ArrayList<>();
        for (Guardrail guardrail : set.guardrails().values()) {
            for (Denial denial : guardrail.deny().values()) {
                if (!guardrail.dryRun() && isAbout(denial, caller, area)) {
                    boolean excepted = denial.unlessFrom()
                            .filter(from -> isAmong(caller, from))
                            .isPresent();
                    boolean other = denial.unlessUser().isPresent()
                            || denial.unlessWhen().isPresent()
                            || !denial.unlessFields().isEmpty();
                    // Every stated unless must hold.
                    if (denial.unlessFrom().isPresent() ? !excepted : !other) {
                        return Optional.empty();
                    }
                    denial.unlessUser().ifPresent(wanted::add);
                }
            }
        }
        return Optional.of(wanted);
    }

    /** Surely: a condition might be false. */
    private boolean isAbout(Denial denial, Mesh.Service caller, Area area) {
        return denial.to().includes(service)
                && denial.when().isEmpty()
                && denial.from().map(from -> isAmong(caller, from)).orElse(true)
                && (denial.matches().isEmpty() || denial.matches().stream().anyMatch(area::isWithin));
    }
}
