package dev.sallyport.policy;

import dev.sallyport.policy.Guardrail.Denial;
import dev.sallyport.policy.RoutePolicy.Recording;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the rules of a route and the guardrails read, and how it appears on record: keyed, unless the route says
 * otherwise. A variable of the path is on record without being read, as part of the path.
 */
final class NaiveInputs {
    private NaiveInputs() {}

    static Inputs of(Route route, boolean dryToo, List<Denial> denials, NaiveCondition condition) {
        Set<String> names = new TreeSet<>();
        route.record().keySet().stream()
                .filter(name -> name.startsWith(Inputs.PATH))
                .forEach(names::add);
        for (Rule rule : route.allow().values()) {
            if (rule.dryRun() && !dryToo) {
                continue;
            }
            route.fields().forEach(field -> names.add(name(field)));
            rule.fields().forEach(field -> names.add(name(field)));
            rule.when().ifPresent(when -> names.addAll(condition.inputs(when.source())));
            rule.opa().ifPresent(query -> query.headers().forEach(header -> names.add(Inputs.HEADER + header)));
        }
        for (Denial denial : denials) {
            denial.unlessFields().forEach(field -> names.add(name(field)));
            denial.when().ifPresent(when -> names.addAll(condition.inputs(when.source())));
            denial.unlessWhen().ifPresent(when -> names.addAll(condition.inputs(when.source())));
        }
        SortedMap<String, Recording> inputs = new TreeMap<>();
        names.forEach(name -> inputs.put(name, route.record().getOrDefault(name, Recording.KEYED)));
        return new Inputs(inputs);
    }

    private static String name(FieldCondition field) {
        return switch (field.kind()) {
            case HEADER -> Inputs.HEADER + field.name();
            case QUERY -> Inputs.QUERY + field.name();
        };
    }
}
