package dev.sallyport.policy;

import dev.sallyport.document.Fields;
import dev.sallyport.document.Text;
import dev.sallyport.policy.FieldCondition.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads {@code headers: {x-tenant: [a, b]}} and {@code query: {mode: full}}: always in the same order, headers first, then by name. */
final class FieldConditionReader {
    private FieldConditionReader() {}

    static List<FieldCondition> read(Reading reading, Fields fields, String headers, String query) {
        List<FieldCondition> conditions = new ArrayList<>();
        read(reading, fields, headers, Kind.HEADER, conditions);
        read(reading, fields, query, Kind.QUERY, conditions);
        return conditions;
    }

    private static void read(Reading reading, Fields fields, String key, Kind kind, List<FieldCondition> conditions) {
        Map<String, List<Text>> named = fields.namedTextLists(key);
        if (!Bound.FIELD_CONDITIONS.holds(named.size(), fields, key)) {
            return;
        }
        new TreeMap<>(named).forEach((name, values) -> {
            Optional<String> refused = kind == Kind.HEADER ? reading.refusal(name) : refusal(kind, name);
            refused.ifPresent(refusal -> fields.problem(key, Codes.FIELD_NAME, refusal));
            if (Bound.FIELD_VALUES.holds(values.size(), fields, key)) {
                TreeSet<String> oneOf = new TreeSet<>();
                values.forEach(value -> value(kind, value, fields).ifPresent(oneOf::add));
                conditions.add(new FieldCondition(kind, name, oneOf));
            }
        });
    }

    /** What is wrong with a header's or a parameter's name; empty when it can be asked for. */
    static Optional<String> refusal(Kind kind, String name) {
        return switch (kind) {
            case HEADER -> HeaderNames.refusal(name);
            case QUERY ->
                name.length() <= HeaderNames.CHARACTERS_MAX && name.chars().allMatch(c -> c > 0x20 && c < 0x7F)
                        ? Optional.empty()
                        : Optional.of(name + " (expected: a parameter's name of printable ASCII, at most "
                                + HeaderNames.CHARACTERS_MAX + " characters)");
        };
    }

    /** A value that no request can have would deny for ever. */
    private static Optional<String> value(Kind kind, Text value, Fields fields) {
        Optional<String> text = Values.read(value, fields.problems());
        boolean possible = kind == Kind.QUERY
                || text.filter(FieldConditionReader::headerValue).isPresent();
        if (text.isPresent() && !possible) {
            value.problem(
                    fields.problems(),
                    Codes.FIELD_VALUE,
                    text.get()
                            + " (expected: printable ASCII without blanks around; no other value of a header is compared)");
        }
        return text;
    }

    /** RFC 9110 section 5.5, less what is not ASCII. */
    private static boolean headerValue(String text) {
        return text.equals(text.strip()) && text.chars().allMatch(c -> c >= 0x20 && c < 0x7F);
    }
}
