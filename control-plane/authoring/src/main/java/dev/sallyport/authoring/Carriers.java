package dev.sallyport.authoring;

import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.Callers;
import dev.sallyport.policy.RoutePolicy.UserRequirement.Conditions;
import dev.sallyport.policy.RoutePolicy.Via;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Over which services a user can come to a rule: from one that verifies, each calling the next as its policy allows. What is only in dry run, or observed, counts as allowed. */
final class Carriers {
    private static final int NEVER = 1_000;

    private final DocumentSet set;
    /** Of each service, those that some rule lets call it. */
    private final Map<String, Set<String>> callers;

    Carriers(DocumentSet set) {
        this.set = set;
        this.callers =
                set.mesh().services().keySet().stream().collect(Collectors.toMap(service -> service, this::callersOf));
    }

    /** A policy that is not in the set may say anything: who reads one team's documents has not those of the others. */
    private Set<String> callersOf(String service) {
        List<RoutePolicy> policies = Stream.of(set.policies(), set.candidates())
                .flatMap(known -> Optional.ofNullable(known.get(service)).stream())
                .toList();
        boolean ports = Optional.ofNullable(set.mesh().services().get(service))
                .filter(declared -> !declared.ports().isEmpty())
                .isPresent();
        if (set.mesh().observeUntil().isPresent() || (policies.isEmpty() && ports)) {
            return set.mesh().services().keySet();
        }
        Set<String> callers = new HashSet<>();
        policies.forEach(policy -> callers.addAll(callersBy(policy)));
        return callers;
    }

    private Set<String> callersBy(RoutePolicy policy) {
        Set<String> callers = new HashSet<>();
        for (RoutePolicy.Route route : policy.routes().values()) {
            boolean anybody =
                    policy.observeUntil().isPresent() || route.observeUntil().isPresent();
            route.allow().values().forEach(rule -> callers.addAll(names(rule.from(), anybody)));
        }
        return callers;
    }

    private Set<String> names(Callers from, boolean anybody) {
        return set.mesh().services().values().stream()
                .filter(service ->
                        anybody || from.anyMesh() || from.identities().contains(service.identity()))
                .map(Mesh.Service::name)
                .collect(Collectors.toSet());
    }

    /** Those of {@code via.from} by which nobody comes to a rule for the callers {@code from}. */
    Set<String> idle(Conditions user, Callers from) {
        Via via = user.via().orElseThrow();
        Mesh.Issuer issuer = Objects.requireNonNull(set.mesh().issuers().get(user.issuer()));
        Set<String> last = names(from, false);
        Set<String> verifiers = new TreeSet<>(via.from());
        verifiers.retainAll(issuer.hopTokens().verifiedBy());
        Set<String> beforeLast = via.from().stream()
                .filter(service -> last.stream().anyMatch(caller -> isCalledBy(caller, service)))
                .collect(Collectors.toSet());
        Map<String, Integer> behind = distances(via.from(), verifiers, this::calls);
        Map<String, Integer> ahead = distances(via.from(), beforeLast, this::isCalledBy);
        Set<String> idle = new TreeSet<>(via.from());
        idle.removeIf(service -> (verifiers.contains(service) && last.contains(service))
                || behind.getOrDefault(service, NEVER) + ahead.getOrDefault(service, NEVER) <= via.maxHops());
        return idle;
    }

    private boolean calls(String one, String next) {
        return callers.getOrDefault(next, Set.of()).contains(one);
    }

    private boolean isCalledBy(String one, String before) {
        return callers.getOrDefault(one, Set.of()).contains(before);
    }

    /** In services, from 1 for those of {@code first}; within {@code among}. */
    private static Map<String, Integer> distances(
            Set<String> among, Set<String> first, BiPredicate<String, String> leads) {
        Map<String, Integer> distances = new HashMap<>();
        List<String> round = List.copyOf(first);
        for (int distance = 1; !round.isEmpty(); distance++) {
            for (String service : round) {
                distances.put(service, distance);
            }
            List<String> reached = round;
            round = among.stream()
                    .filter(service -> !distances.containsKey(service)
                            && reached.stream().anyMatch(one -> leads.test(one, service)))
                    .toList();
        }
        return distances;
    }
}
