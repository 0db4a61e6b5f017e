package dev.sallyport.policy;

import dev.sallyport.policy.PathTemplate.Segment;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Route;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which route a request means: the host's own before those of every host, then the more specific template. */
final class NaiveRoutes {
    record Hit(Route route, Match match) {}

    private NaiveRoutes() {}

    /** With parameters in its path the one that it would mean without them as well, or none. */
    static Optional<Hit> hit(RoutePolicy policy, RequestFacts facts) {
        Optional<Hit> hit = hit(policy, facts, path(facts));
        return hit.equals(hit(policy, facts, path(facts).replaceAll(";[^/]*", ""))) ? hit : Optional.empty();
    }

    private static String path(RequestFacts facts) {
        return facts.tcpPort().isPresent() ? "" : facts.path();
    }

    private static Optional<Hit> hit(RoutePolicy policy, RequestFacts facts, String path) {
        List<Hit> named = new ArrayList<>();
        List<Hit> nameless = new ArrayList<>();
        for (Route route : policy.routes().values()) {
            for (Match match : route.matches()) {
                if (!matches(match, facts, path)) {
                    continue;
                }
                if (route.hosts().isEmpty()) {
                    nameless.add(new Hit(route, match));
                } else if (route.hosts().contains(facts.host())) {
                    named.add(new Hit(route, match));
                }
            }
        }
        return mostSpecific(named).or(() -> mostSpecific(nameless));
    }

    private static boolean matches(Match match, RequestFacts facts, String path) {
        if (facts.tcpPort().isPresent()) {
            return match instanceof Match.Tcp(int port)
                    && port == facts.tcpPort().getAsInt();
        }
        return switch (match) {
            case Match.Http(String method, PathTemplate template) ->
                method.equals(facts.method()) && template.matches(path);
            case Match.Grpc(PathTemplate template) -> facts.method().equals("POST") && template.matches(path);
            case Match.Tcp _ -> false;
        };
    }

    /** The one whose first differing segment is the more specific. */
    private static Optional<Hit> mostSpecific(List<Hit> hits) {
        return hits.stream()
                .min(Comparator.comparing(hit ->
                        hit.match().template().map(NaiveRoutes::specificity).orElse("")));
    }

    /** Sorts literals before variables before rests, segment by segment. */
    private static String specificity(PathTemplate template) {
        StringBuilder order = new StringBuilder();
        template.segments()
                .forEach(segment -> order.append(
                        switch (segment) {
                            case Segment.Literal _ -> 'a';
                            case Segment.Variable _ -> 'b';
                            case Segment.Rest _ -> 'c';
                        }));
        return order.toString();
    }

    /** The values of the template's variables, as they stand in the path. */
    static Map<String, String> variables(Hit hit, RequestFacts facts) {
        Map<String, String> values = new HashMap<>();
        hit.match().template().ifPresent(template -> {
            String[] segments = facts.path().substring(1).split("/", -1);
            for (int i = 0; i < template.segments().size(); i++) {
                if (template.segments().get(i) instanceof Segment.Variable(String name)) {
                    values.put(name, segments[i]);
                }
            }
        });
        return values;
    }
}
