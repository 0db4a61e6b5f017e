package dev.sallyport.policy;

import dev.sallyport.policy.RoutePolicy.Recording;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the rules of a route read, and how it appears on record: keyed, unless the route says otherwise. */
final class NaiveInputs {
    private NaiveInputs() {}

    static SortedMap<String, Recording> of(Route route, NaiveCondition condition) {
        List<String> names = new ArrayList<>();
        for (Rule rule : route.allow().values()) {
            Stream.concat(route.fields().stream(), rule.fields().stream())
                    .map(NaiveInputs::name)
                    .forEach(names::add);
            rule.when().ifPresent(when -> names.addAll(condition.inputs(when.source())));
            rule.opa().ifPresent(query -> query.headers().forEach(header -> names.add(Inputs.HEADER + header)));
        }
        SortedMap<String, Recording> inputs = new TreeMap<>();
        names.forEach(name -> inputs.put(name, route.record().getOrDefault(name, Recording.KEYED)));
        return inputs;
    }

    private static String name(FieldCondition field) {
        return switch (field.kind()) {
            case HEADER -> Inputs.HEADER + field.name();
            case QUERY -> Inputs.QUERY + field.name();
        };
    }
}
