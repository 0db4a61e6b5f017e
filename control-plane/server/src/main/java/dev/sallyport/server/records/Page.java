package dev.sallyport.server.records;

import java.util.List;
import java.util.OptionalLong;

/**
 * Records in the order of the log that was asked for. {@code next}: where to go on (as {@code before}, or as {@code after} where the oldest come first), unless this is the end; {@code stopped}: the search was given up at {@code next} because it
 * took too long.
 */
public record Page(List<Found> records, OptionalLong next, boolean stopped) {
    public Page {
        records = List.copyOf(records);
    }
}
