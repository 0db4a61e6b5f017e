package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Recording;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads {@code record: {header.x-amount-cents: clear, path.id: no}}. */
final class RecordReader {
    private RecordReader() {}

    static Map<String, Recording> read(Reading reading, Fields route, List<Match> matches) {
        Map<String, Recording> record = new TreeMap<>();
        Map<String, String> stated = route.namedTexts("record");
        if (Bound.RECORDED.holds(stated.size(), route, "record")) {
            stated.forEach((field, word) -> {
                refusal(reading, field, matches).ifPresent(refusal -> route.problem("record", Codes.RECORD, refusal));
                switch (word) {
                    case "clear", "keyed", "no" -> record.put(field, Recording.valueOf(word.toUpperCase(Locale.ROOT)));
                    default ->
                        route.problem("record", Code.VALUE, field + ": " + word + " (expected: clear | keyed | no)");
                }
            });
        }
        return record;
    }

    private static Optional<String> refusal(Reading reading, String field, List<Match> matches) {
        if (field.startsWith(Inputs.HEADER)) {
            return reading.refusal(field.substring(Inputs.HEADER.length()));
        }
        if (field.startsWith(Inputs.QUERY)) {
            return FieldConditionReader.refusal(FieldCondition.Kind.QUERY, field.substring(Inputs.QUERY.length()));
        }
        if (field.startsWith(Inputs.PATH)) {
            String name = field.substring(Inputs.PATH.length());
            boolean known = matches.stream()
                    .flatMap(match -> match.template().stream())
                    .flatMap(template -> template.segments().stream())
                    .anyMatch(new PathTemplate.Segment.Variable(name)::equals);
            return known
                    ? Optional.empty()
                    : Optional.of(field + " (expected: a variable of a match, as path.id for {id})");
        }
        return Optional.of(field + " (expected: header.NAME, query.NAME or path.NAME)");
    }
}
