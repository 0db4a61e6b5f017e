package dev.sallyport.authoring.tests;

import dev.sallyport.document.Fields;
import dev.sallyport.document.Text;
import dev.sallyport.policy.HeaderNames;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads {@code headers: {x-tenant: acme, x-twice: [a, b]}}, a list for a repeated header: those that a policy may read, and no line break in a value, which would begin another. */
final class HeaderReader {
    private static final String KEY = "headers";

    private HeaderReader() {}

    /** By lower-case name. */
    static Map<String, List<String>> read(Fields fields) {
        Map<String, List<String>> headers = new TreeMap<>();
        fields.namedTextLists(KEY).forEach((name, values) -> {
            HeaderNames.refusal(name).ifPresent(refusal -> fields.problem(KEY, Codes.HEADER, refusal));
            values.stream()
                    .filter(HeaderReader::isBroken)
                    .forEach(value -> value.problem(
                            fields.problems(), Codes.HEADER, value.text() + " (expected: no control character)"));
            headers.put(name, values.stream().map(Text::text).toList());
        });
        return headers;
    }

    private static boolean isBroken(Text value) {
        return value.text().chars().anyMatch(c -> (c < 0x20 && c != '\t') || c == 0x7F);
    }
}
