package dev.sallyport.policy;

import dev.sallyport.document.Fields;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Text;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Texts that rules compare: bounded, and without characters that nobody sees, by which two rules that look the same could differ. */
final class Values {
    private Values() {}

    static Set<String> read(Fields fields, String key, Bound count) {
        Set<String> values = new TreeSet<>();
        count.optionalTexts(fields, key)
                .forEach(text -> read(text, fields.problems()).ifPresent(values::add));
        return values;
    }

    static Optional<String> read(Text value, Problems problems) {
        if (!Bound.VALUE_CHARACTERS.holds(value, problems)) {
            return Optional.empty();
        }
        if (!value.text().codePoints().allMatch(Values::visible)) {
            value.problem(
                    problems, Codes.VALUE_INVISIBLE, value.text() + " (expected: no character that cannot be seen)");
            return Optional.empty();
        }
        return Optional.of(value.text());
    }

    private static boolean visible(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> point == ' ';
            default -> true;
        };
    }
}
