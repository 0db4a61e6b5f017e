package dev.sallyport.server.records;

import dev.sallyport.audit.RecordField;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is looked for: records that have one of the values of every field named ({@code 5xx} is a value of every status from 500 on), of a time from {@code from} to before {@code to}, whose index in the log is below {@code before} and above
 * {@code after}; the {@code limit} newest in the order of the log, or the oldest.
 */
public record RecordQuery(
        Map<RecordField, Set<String>> filters,
        Instant from,
        Instant to,
        long before,
        long after,
        int limit,
        boolean oldestFirst) {
    public static final int LIMIT_MAX = 1_000;
    /** Of one field. */
    public static final int VALUES_MAX = 200;

    /** All there are, {@link #LIMIT_MAX} at a time. */
    public static final RecordQuery ALL = new RecordQuery(
            Map.of(), Instant.EPOCH, Instant.ofEpochMilli(Long.MAX_VALUE), Long.MAX_VALUE, -1, LIMIT_MAX, false);

    public RecordQuery {
        Map<RecordField, Set<String>> copy = new TreeMap<>();
        filters.forEach((field, values) -> copy.put(field, Set.copyOf(values)));
        filters = copy;
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: 1 to " + LIMIT_MAX + ")");
        }
    }

    /** Also narrowed to these values of {@code field}. */
    public RecordQuery with(RecordField field, Set<String> values) {
        Map<RecordField, Set<String>> more = new EnumMap<>(RecordField.class);
        more.putAll(filters);
        more.put(field, values);
        return new RecordQuery(more, from, to, before, after, limit, oldestFirst);
    }

    /** {@code to} excluded. */
    public RecordQuery between(Instant from, Instant to) {
        return new RecordQuery(filters, from, to, before, after, limit, oldestFirst);
    }

    /** Only what stands before this in the log: the cursor of the page that came before. */
    public RecordQuery before(long index) {
        return new RecordQuery(filters, from, to, index, after, limit, oldestFirst);
    }

    public RecordQuery after(long index) {
        return new RecordQuery(filters, from, to, before, index, limit, oldestFirst);
    }

    public RecordQuery limit(int most) {
        return new RecordQuery(filters, from, to, before, after, most, oldestFirst);
    }

    /** The oldest come first, and {@code limit} is of them. */
    public RecordQuery inOrder() {
        return new RecordQuery(filters, from, to, before, after, limit, true);
    }

    /** Whether it is one of those looked for, by what its row says. */
    boolean matches(Found found) {
        return !found.time().isBefore(from)
                && found.time().isBefore(to)
                && filters.entrySet().stream()
                        .allMatch(filter ->
                                filter.getValue().stream().anyMatch(value -> means(filter.getKey(), value, found)));
    }

    private static boolean means(RecordField field, String value, Found found) {
        String has = found.value(field);
        return Words.cut(value).equals(has) || (field == RecordField.STATUS && value.equals(Terms.statusClass(has)));
    }
}
