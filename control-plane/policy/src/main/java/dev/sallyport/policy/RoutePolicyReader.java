package dev.sallyport.policy;

import dev.sallyport.document.Fields;
import dev.sallyport.policy.RoutePolicy.Route;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads one RoutePolicy document against the Mesh. */
final class RoutePolicyReader {
    private final Reading reading;
    private final Header header;

    RoutePolicyReader(Reading reading, Header header) {
        this.reading = reading;
        this.header = header;
    }

    /** Incomplete where there are problems. */
    RoutePolicy read() {
        Fields spec = header.spec();
        String service = spec.text("service");
        if (!service.isEmpty()) {
            reading.mesh().ifPresent(mesh -> mesh.checkService(spec.placed("service", service)));
        }
        String mode =
                spec.oneOf("mode", Observation.ENFORCE, Observation.ENFORCE, Observation.DRY_RUN, Observation.OBSERVE);
        Optional<Instant> until = Observation.until(spec, mode);
        if (!spec.has("routes")) {
            spec.missing("routes", "name: {match: …, allow: …}; without a RoutePolicy every request is denied");
        }
        boolean candidate = mode.equals(Observation.DRY_RUN);
        Matches matches = new Matches(reading.problems(), reading.mesh().flatMap(mesh -> mesh.ports(service)));
        Map<String, Route> routes = new TreeMap<>();
        Bound.ROUTES
                .named(spec, "routes")
                .forEach((name, fields) ->
                        routes.put(name, new RouteReader(reading, matches, candidate, fields).read(name)));
        int rules =
                routes.values().stream().mapToInt(route -> route.allow().size()).sum();
        Bound.POLICY_RULES.holds(rules, spec, "routes");
        spec.later("limit", "audit", "when");
        spec.done();
        return new RoutePolicy(header.name(), service, header.owner(), candidate, until, new TreeMap<>(routes));
    }
}
