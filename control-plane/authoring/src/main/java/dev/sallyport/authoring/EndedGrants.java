package dev.sallyport.authoring;

import dev.sallyport.document.Problem;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.RoutePolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a set grants until a moment that has passed. Nobody may put such a set in force: it would say more than it does. A set in force in which something ends meanwhile stays good,
 * for what has ended grants nothing by itself.
 */
final class EndedGrants {
    /** A rule whose {@code expires} has passed. */
    static final String EXPIRED = "SP0702";

    /** An observation whose {@code until} has passed. */
    static final String OBSERVED = "SP0703";

    private final Instant now;
    private final List<Ended> found = new ArrayList<>();

    private record Ended(String kind, String document, List<String> path, String code, String message) {}

    private EndedGrants(Instant now) {
        this.now = now;
    }

    /** Adds a problem for each, at its place in {@code sources}, from which {@code set} was read. */
    static void check(DocumentSet set, List<Source> sources, Instant now, Problems problems) {
        EndedGrants ended = new EndedGrants(now);
        ended.until(set.mesh().observeUntil(), "Mesh", set.mesh().name(), List.of("spec"));
        Stream.concat(set.policies().values().stream(), set.candidates().values().stream())
                .forEach(ended::policy);
        if (!ended.found.isEmpty()) {
            Places places = new Places(sources);
            ended.found.forEach(one -> problems.add(new Problem(
                    places.of(one.kind, one.document, one.path), String.join(".", one.path), one.code, one.message)));
        }
    }

    private void policy(RoutePolicy policy) {
        until(policy.observeUntil(), "RoutePolicy", policy.name(), List.of("spec"));
        policy.routes().forEach((route, stated) -> {
            List<String> path = List.of("spec", "routes", route);
            until(stated.observeUntil(), "RoutePolicy", policy.name(), path);
            stated.allow().forEach((rule, body) -> expires(body, policy.name(), Places.path(path, "allow", rule)));
        });
    }

    private void until(Optional<Instant> until, String kind, String document, List<String> path) {
        until.filter(this::passed)
                .ifPresent(end -> found.add(new Ended(
                        kind,
                        document,
                        Places.path(path, "until"),
                        OBSERVED,
                        end + ": has passed (expected: a time after " + now + ", or mode: enforce)")));
    }

    private void expires(RoutePolicy.Rule rule, String document, List<String> path) {
        rule.expires()
                .filter(this::passed)
                .ifPresent(end -> found.add(new Ended(
                        "RoutePolicy",
                        document,
                        Places.path(path, "expires"),
                        EXPIRED,
                        end + ": has passed, and the rule grants nothing (expected: a time after " + now
                                + ", or no such rule)")));
    }

    private boolean passed(Instant end) {
        return !now.isBefore(end);
    }
}
