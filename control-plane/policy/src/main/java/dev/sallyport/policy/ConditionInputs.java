package dev.sallyport.policy;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** What a condition reads: names of headers (lower case), query parameters, path variables and claims, and whether it reads anything of the user. */
public record ConditionInputs(
        SortedSet<String> headers,
        SortedSet<String> queries,
        SortedSet<String> pathVariables,
        SortedSet<String> claims,
        boolean user) {
    public ConditionInputs {
        headers = Frozen.set(headers);
        queries = Frozen.set(queries);
        pathVariables = Frozen.set(pathVariables);
        claims = Frozen.set(claims);
    }

    /** The names that {@link Inputs} has for what a record holds of them. */
    Set<String> recorded() {
        Set<String> names = new HashSet<>();
        headers.forEach(name -> names.add(Inputs.HEADER + name));
        queries.forEach(name -> names.add(Inputs.QUERY + name));
        pathVariables.forEach(name -> names.add(Inputs.PATH + name));
        return names;
    }

    static ConditionInputs of(Collection<ExpressionInput> inputs) {
        SortedSet<String> headers = new TreeSet<>();
        SortedSet<String> queries = new TreeSet<>();
        SortedSet<String> pathVariables = new TreeSet<>();
        SortedSet<String> claims = new TreeSet<>();
        boolean user = false;
        for (ExpressionInput input : inputs) {
            switch (input instanceof ExpressionInput.Presence(ExpressionInput of) ? of : input) {
                case ExpressionInput.Header(String name) -> headers.add(name);
                case ExpressionInput.Query(String name) -> queries.add(name);
                case ExpressionInput.PathVariable(String name) -> pathVariables.add(name);
                case ExpressionInput.Claim(String name, var _) -> claims.add(name);
                case ExpressionInput.Given given -> user |= given.ofUser();
                case ExpressionInput.Literal _ -> {}
                case ExpressionInput.Presence _ -> throw new IllegalStateException("a presence of a presence");
            }
        }
        return new ConditionInputs(headers, queries, pathVariables, claims, user || !claims.isEmpty());
    }
}
