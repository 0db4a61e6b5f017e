package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import java.util.Base64;
import java.util.Optional;

/** Reads a condition: a text where people write, {@code {source, checked}} in a snapshot. What it says is `authoring`'s to judge. */
final class WhenReader {
    private WhenReader() {}

    static Optional<When> read(Reading reading, Fields fields, String key) {
        if (!reading.canonical()) {
            return fields.optionalText(key)
                    .filter(source -> Bound.WHEN_CHARACTERS.holds(fields.placed(key, source), reading.problems()))
                    .map(source -> new When(source, Optional.empty()));
        }
        return fields.optionalFields(key).map(when -> {
            String source = when.text("source");
            String checked = when.text("checked");
            boolean bounded = Bound.WHEN_CHARACTERS.holds(when.placed("source", source), reading.problems())
                    && Bound.CHECKED_CHARACTERS.holds(when.placed("checked", checked), reading.problems());
            if (bounded && !base64(checked)) {
                when.problem("checked", Code.VALUE, "not base64 (expected: a checked expression)");
            }
            when.done();
            return new When(source, Optional.of(checked));
        });
    }

    /** One spelling for one sequence of bytes: equal sets are equal texts. */
    private static boolean base64(String text) {
        try {
            return Base64.getEncoder()
                    .encodeToString(Base64.getDecoder().decode(text))
                    .equals(text);
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }
}
