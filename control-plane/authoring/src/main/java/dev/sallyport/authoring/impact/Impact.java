package dev.sallyport.authoring.impact;

import dev.sallyport.policy.Decision;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Inputs;
import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.PathTemplate.Overlap;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.Match;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Recorded decisions, taken again with other documents. It says only what the record can carry: a decision that needs a fact which is keyed, left out or was never looked at is
 * counted as one that cannot be judged, with the fact's name. One thread.
 */
public final class Impact {
    /** Denials of which no condition, header, parameter or OPA was a part. */
    private static final Set<Reason> WITHOUT_INPUTS = Set.of(
            Reason.NO_ROUTE,
            Reason.CALLER_UNKNOWN,
            Reason.CALLER_NOT_ALLOWED,
            Reason.ROLE_MISSING,
            Reason.SCOPE_MISSING,
            Reason.CLAIM_MISMATCH);

    private final DocumentSet set;
    private final SortedMap<String, PolicySet> compiled = new TreeMap<>();
    private final SortedMap<Edge, Tally> changed = new TreeMap<>();
    private final SortedMap<String, Long> unjudged = new TreeMap<>();
    private long replayed;
    private long same;

    public Impact(DocumentSet set) {
        this.set = set;
    }

    /** One caller of one route whose requests fare otherwise now; {@code why}: the reason, or the rule. */
    public record Edge(boolean allowed, String caller, String service, String request, String why)
            implements Comparable<Edge> {
        @Override
        public int compareTo(Edge other) {
            return toString().compareTo(other.toString());
        }
    }

    /** How many requests of an edge there were, and when. */
    public record Tally(long requests, Instant first, Instant last) {
        Tally and(Instant time) {
            return new Tally(requests + 1, time.isBefore(first) ? time : first, time.isAfter(last) ? time : last);
        }
    }

    /** Takes one decision again. */
    public void replay(Replayed facts) {
        replayed++;
        if (!set.mesh().services().containsKey(facts.service())) {
            unjudged("service " + facts.service() + " is not in these documents");
            return;
        }
        Optional<String> unknown = unknowable(facts);
        if (unknown.isPresent()) {
            unjudged(unknown.get());
            return;
        }
        Decision decision = compiled.computeIfAbsent(facts.service(), name -> PolicySet.compile(set, name))
                .decide(facts, facts.time());
        Optional<String> missing = facts.missing().or(() -> unrecorded(decision, facts));
        if (missing.isPresent()) {
            unjudged(missing.get());
        } else if (decision instanceof Decision.Allow == facts.allowed()) {
            same++;
        } else {
            changed.merge(
                    edge(decision, facts),
                    new Tally(1, facts.time(), facts.time()),
                    (tally, one) -> tally.and(one.first()));
        }
    }

    /** Why not even the route can be found again. */
    private Optional<String> unknowable(Replayed facts) {
        if (facts.template().isEmpty()) {
            return Optional.of("it matched no route then, and such a path is not recorded");
        }
        RoutePolicy policy = set.policies().get(facts.service());
        if (facts.pathInTheClear() || policy == null) {
            return Optional.empty();
        }
        PathTemplate then = PathTemplate.parse(facts.template().get());
        return policy.routes().values().stream()
                .flatMap(route -> route.matches().stream())
                .filter(match -> meansMethod(match, facts.method()))
                .filter(match -> match.template()
                        .map(then::overlap)
                        .filter(overlap -> overlap == Overlap.CONTAINS || overlap == Overlap.CROSSING)
                        .isPresent())
                .map(match -> "a value in its path is keyed, and " + match + " might be meant now")
                .findFirst();
    }

    private static boolean meansMethod(Match match, String method) {
        return switch (match) {
            case Match.Http http -> http.method().equals(method);
            case Match.Grpc _ -> method.equals("POST");
            case Match.Tcp _ -> false;
        };
    }

    private static Optional<String> unrecorded(Decision decision, Replayed facts) {
        return switch (decision) {
            case Decision.Ask ask -> Optional.of("rule " + ask.rule() + " asks OPA, which was not asked this then");
            case Decision.Deny deny
            when deny.reason().isToken() || WITHOUT_INPUTS.contains(deny.reason()) -> Optional.empty();
            case Decision.Deny _, Decision.Allow _ ->
                decision.route()
                        .map(Decision.MatchedRoute::inputs)
                        .map(Inputs::fields)
                        .flatMap(inputs -> inputs.keySet().stream()
                                .filter(name -> !facts.recordedInputs().contains(name))
                                .findFirst())
                        .map(name -> name + " is not on record in the clear");
        };
    }

    private Edge edge(Decision decision, Replayed facts) {
        String caller = facts.caller()
                .map(id ->
                        set.mesh().serviceOf(id).map(service -> service.name()).orElse(id.toString()))
                .orElse("nobody");
        String why = decision instanceof Decision.Allow allow
                ? allow.rule().map(rule -> "rule " + rule).orElse("mode: observe")
                : decision.reason().code();
        return new Edge(
                decision instanceof Decision.Allow,
                caller,
                facts.service(),
                facts.method() + " " + facts.template().orElse(""),
                why);
    }

    private void unjudged(String why) {
        unjudged.merge(why, 1L, Long::sum);
    }

    public long replayed() {
        return replayed;
    }

    /** Decided as before. */
    public long same() {
        return same;
    }

    /** Newly allowed and newly denied, sorted. */
    public SortedMap<Edge, Tally> changed() {
        return new TreeMap<>(changed);
    }

    /** How many could not be judged, by the reason. */
    public SortedMap<String, Long> unjudged() {
        return new TreeMap<>(unjudged);
    }
}
