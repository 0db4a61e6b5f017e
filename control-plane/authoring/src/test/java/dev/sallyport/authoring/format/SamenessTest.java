package dev.sallyport.authoring.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.Documents;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stands between a mistake of the printer and a policy that says something else. */
class SamenessTest {
    private static final String TEXT = """
            kind: RoutePolicy  # one
            metadata: {name: a}
            spec:
              service: "8080"
              routes:
                a: {match: [GET /a, GET /b], allow: {r: {from: web, when: "true"}}}
            # two
            """;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kind: RoutePolicy          | kind: RoutePolicy          | ",
                "GET /a, GET /b             | GET /b, GET /a             | another document",
                "GET /a, GET /b             | GET /a                     | another document",
                "from: web,                 | from: wab,                 | another document",
                "from: web, when            | form: web, when            | another document",
                "from: web, when: \"true\"  | when: \"true\"             | another document",
                "\"8080\"                   | 8080                       | another document",
                "# one                      | # won                      | other comments",
                "# two                      | # two # three              | other comments",
                "# two                      | ---                        | other comments",
                "# two                      | --- {}                     | 2 documents instead of 1",
                "metadata: {name: a}        | metadata: { name: a }      | another form when it is formatted again",
                "metadata: {name: a}        | metadata: {name: [}        | SP0001",
            })
    void everyOtherMeaningIsFound(String part, String other, String difference) {
        assertThat(TEXT).contains(part);

        var meant = Documents.parse(new Source("a.yaml", TEXT), new Problems());
        var found = new Sameness("a.yaml", meant, WrittenReader.read(TEXT)).difference(TEXT.replace(part, other));

        if (difference == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).get().asString().contains(difference);
        }
    }
}
