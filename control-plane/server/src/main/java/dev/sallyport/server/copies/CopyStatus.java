package dev.sallyport.server.copies;

import java.util.Optional;

/**
 * How a copy stands. {@code next}: the index of the first entry that it does not have; {@code lagSeconds}: how old the oldest record is that it lacks; {@code missing}: entries that were
 * pruned before it came to them; {@code problem}: why it does not go on. Counts are since the start.
 */
public record CopyStatus(
        String name,
        String kind,
        long next,
        long lagRecords,
        double lagSeconds,
        long sent,
        long refused,
        long leftOut,
        long gaps,
        long missing,
        Optional<String> problem) {}
