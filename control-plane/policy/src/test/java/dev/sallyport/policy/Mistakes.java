package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Source;
import java.util.List;

/** One mistake in a document that says everything is one problem, with its place, its code and what to write instead. */
final class Mistakes {
    private Mistakes() {}

    static void check(String right, String wrong, String expected) {
        assertThat(problems(LanguageTest.EVERYTHING)).as("without the mistake").isEmpty();
        assertThat(LanguageTest.EVERYTHING).contains(right);

        assertThat(problems(LanguageTest.EVERYTHING.replace(right, wrong)))
                .singleElement()
                .asString()
                .startsWith("shop.yaml:")
                .contains(expected);
    }

    static List<String> problems(String text) {
        InvalidDocumentException invalid = catchThrowableOfType(
                InvalidDocumentException.class, () -> DocumentSet.load(List.of(new Source("shop.yaml", text))));
        return invalid == null
                ? List.of()
                : invalid.problems().stream().map(Problem::toString).toList();
    }
}
