package dev.sallyport.policy;

import java.util.SortedSet;

/** A header (lower-case name) or a query parameter that must be there once, with one of these values, compared exactly. Repeated or undecodable: {@code condition_error}. */
public record FieldCondition(Kind kind, String name, SortedSet<String> oneOf) {
    /** Where the field stands. */
    public enum Kind {
        HEADER,
        QUERY
    }

    public FieldCondition {
        oneOf = Frozen.set(oneOf);
    }
}
