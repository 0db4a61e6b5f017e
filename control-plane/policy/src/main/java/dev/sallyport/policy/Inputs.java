package dev.sallyport.policy;

import dev.sallyport.policy.RoutePolicy.Recording;
import java.util.SortedMap;

/**
 * What the rules of a route read beyond caller, method, path and user, and how each appears on record: {@code header.x-amount-cents}, {@code query.mode}, {@code path.id}. Worked out
 * when a policy is compiled; exactly these are recorded.
 */
public record Inputs(SortedMap<String, Recording> fields) {
    public static final String HEADER = "header.";
    public static final String QUERY = "query.";
    public static final String PATH = "path.";

    public Inputs {
        fields = Frozen.map(fields);
    }
}
