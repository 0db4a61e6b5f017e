package dev.sallyport.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DocumentsTest {
    /** Three lines of it would be a thousand values; thirty, more than any memory holds. */
    private static final String LAUGHS = """
            a: &a [x, x, x, x, x, x, x, x, x, x]
            b: [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
            """;

    @Test
    void everyDocumentOfAFileIsReadWithItsPlaces() {
        List<Node> documents = valid("a.yaml", "a: 1\n---\nb:\n  - no\n  - 'x'\n---\n# nothing\n");

        assertThat(documents).hasSize(2);
        Node.Mapping second = (Node.Mapping) documents.get(1);
        Node.Entry b = entry(second, "b");
        assertThat(b.keyLocation()).hasToString("a.yaml:3:1");
        Node.Sequence items = (Node.Sequence) b.value();
        assertThat(items.items())
                .containsExactly(
                        new Node.Scalar(new Location("a.yaml", 4, 5), "no", true),
                        new Node.Scalar(new Location("a.yaml", 5, 5), "x", false));
    }

    @Test
    void jsonIsReadWithItsPlacesAndMayBeIndentedWithTabs() {
        List<Node> documents = valid("a.json", "{\n\t\"b\": [1.50, true, null, \"x\"]\n}");

        Node.Entry b = entry(documents.getFirst(), "b");
        assertThat(b.keyLocation()).hasToString("a.json:2:2");
        assertThat(((Node.Sequence) b.value()).items())
                .extracting(item -> ((Node.Scalar) item).text())
                .containsExactly("1.50", "true", "null", "x");
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of("a.yaml", "a: &x 1", "a.yaml:1:4: SP0003"),
                Arguments.of("a.yaml", "a: &x 1\nb: *x", "a.yaml:2:4: SP0003"),
                Arguments.of("a.yaml", "a: !!int 1", "a.yaml:1:4: SP0004"),
                Arguments.of("a.yaml", "a: !<tag:yaml.org,2002:java/object> {}", "SP0004"),
                Arguments.of("a.yaml", "! a: 1", "SP0004"),
                Arguments.of("a.yaml", "%YAML 1.2\n---\na: 1", "SP0004"),
                Arguments.of("a.yaml", "a: 1\nb: 2\na: 3", "a.yaml:3:1: SP0002"),
                Arguments.of("a.yaml", "a: 1\n\"a\": 3", "the first is at a.yaml:1:1"),
                Arguments.of("a.yaml", "x:\n  <<: {a: 1}", "a.yaml:2:3: SP0005"),
                Arguments.of("a.yaml", "[a]: 1", "a.yaml:1:1: SP0006"),
                Arguments.of("a.yaml", "? {a: 1}\n: 1", "SP0006"),
                Arguments.of("a.yaml", "\"\": 1", "SP0006"),
                Arguments.of("a.yaml", "a: [1", "a.yaml:1:6: SP0001"),
                Arguments.of("a.yaml", "a: b: c", "a.yaml:1:5: SP0001"),
                Arguments.of("a.yaml", "a:\n\tb: 1", "a.yaml:2:1: SP0001"),
                Arguments.of("a.yaml", "a: \"\\q\"", "SP0001"),
                Arguments.of("a.yaml", "a: 1\0", "a.yaml:1:5: SP0009"),
                Arguments.of("a.yaml", "# ok\na: \u001b[31m", "a.yaml:2:4: SP0009"),
                Arguments.of("a.yaml", "\uFEFFa: 1", "a.yaml:1:1: SP0009"),
                Arguments.of("a.yaml", "a: 1 # \u202E", "a.yaml:1:8: SP0009"),
                Arguments.of("a.yaml", "a: \uD800", "SP0009"),
                Arguments.of("a.yaml", "[".repeat(33) + "]".repeat(33), "a.yaml:1:33: SP0007"),
                Arguments.of("a.yaml", "[".repeat(100_000), "SP0007"),
                Arguments.of("a.yaml", "- 1\n".repeat(250_001), "SP0008"),
                Arguments.of("a.yaml", "a".repeat((1 << 20) + 1), "SP0008"),
                Arguments.of("a.json", "{\"a\": 1, \"a\": 2}", "a.json:1:10: SP0002"),
                Arguments.of("a.json", "{\"a\": 1,}", "SP0001"),
                Arguments.of("a.json", "{\"a\": 1} {}", "a.json:1:10: SP0001"),
                Arguments.of("a.json", "{a: 1}", "SP0001"),
                Arguments.of("a.json", "{\"a\": 01}", "SP0001"),
                Arguments.of("a.json", "{\"a\": NaN}", "SP0001"),
                Arguments.of("a.json", "// no\n{}", "SP0001"),
                Arguments.of("a.json", "{\"a\": ", "SP0001"),
                Arguments.of("a.json", "{\"\": 1}", "SP0006"),
                Arguments.of("a.json", "[".repeat(100_000), "SP0007"),
                Arguments.of("a.yaml", "a".repeat(257) + ": 1", "a.yaml:1:1: SP0008 a key of 257 characters"),
                Arguments.of("a.json", "{\"" + "a".repeat(257) + "\": 1}", "a.json:1:2: SP0008"),
                Arguments.of("a.yaml", LAUGHS, "a.yaml:1:4: SP0003 an anchor, &a"),
                Arguments.of("a.yaml", LAUGHS, "a.yaml:2:5: SP0003 an alias, *a"),
                Arguments.of("a.json", "\0", "SP0009"));
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("refused")
    void whatIsNotStrictIsRefusedWithItsPlace(String name, String text, String expected) {
        Problems problems = new Problems();

        Documents.parse(new Source(name, text), problems);

        assertThat(problems.list()).extracting(Problem::toString).anyMatch(problem -> problem.contains(expected));
    }

    @Test
    void whatIsAtALimitIsAccepted() {
        valid("a.yaml", "[".repeat(32) + "]".repeat(32));
        valid("a.yaml", "- 1\n".repeat(249_999));
        valid("a.yaml", "# " + "a".repeat((1 << 20) - 2));
        valid("a.yaml", "a: ü €\u00A0");
        valid("a.yaml", "a".repeat(256) + ": 1");
    }

    @Test
    void severalProblemsOfOneTextAreFoundAtOnce() {
        Problems problems = new Problems();

        Documents.parse(new Source("a.yaml", "a: &x 1\na: !!str 2\n<<: {}\n"), problems);

        assertThat(problems.list())
                .extracting(Problem::code)
                .containsExactly(Code.ALIAS, Code.TAG, Code.DUPLICATE_KEY, Code.MERGE_KEY);
    }

    @Test
    void noProblemCarriesAControlCharacterToATerminal() {
        Problems problems = new Problems();

        Node node = valid("a.yaml", "\"a\\e[31m\\u202e\": 1").getFirst();
        Fields.of(node, "", problems).done();

        assertThat(problems.list().getFirst()).asString().contains("a\\u{1b}[31m\\u{202e}");
    }

    /** The first letter of each is Cyrillic or mathematical: a reviewer sees the name that he knows. */
    @ParameterizedTest
    @CsvSource({
        "\u043Erders,\\u{43e}rders",
        "\uD835\uDC28rders,\\u{1d428}rders",
        "or\u200Bders,or\\u{200b}ders",
        "orders,orders"
    })
    void nameThatOnlyLooksLikeAnotherShowsWhatItIs(String name, String shown) {
        Problem problem = new Problem(new Location("a.yaml", 1, 1), "spec." + name, "SP0000", name + " (expected: …)");

        assertThat(problem.toString()).isEqualTo("a.yaml:1:1: SP0000 spec." + shown + ": " + shown + " (expected: …)");
    }

    @Test
    void longValueIsCutAndItsExpectationIsNot() {
        Problem problem =
                new Problem(new Location("a", 1, 1), "", "SP0000", "x".repeat(1 << 20) + " (expected: a name)");

        assertThat(problem.message()).hasSize(1_001).startsWith("xxx").endsWith("x (expected: a name)");
        assertThat(new Problem(new Location("a", 1, 1), "", "SP0000", "x".repeat(1_000)).message())
                .isEqualTo("x".repeat(1_000));
    }

    @Test
    void problemsBeyondTheMostAreCounted() {
        Problems problems = new Problems();
        for (int i = 0; i < Problems.MAX + 5; i++) {
            problems.add(new Location("a", 1, 1), "", Code.FORM, "m");
        }

        assertThat(problems.isFull()).isTrue();
        assertThat(new Problems().isFull()).isFalse();
        assertThat(problems.list()).hasSize(Problems.MAX + 1);
        assertThat(problems.list().getLast().message()).contains("5 more");
    }

    private static Node.Entry entry(Node node, String key) {
        return Objects.requireNonNull(((Node.Mapping) node).entries().get(key));
    }

    private static List<Node> valid(String name, String text) {
        Problems problems = new Problems();
        List<Node> documents = Documents.parse(new Source(name, text), problems);
        assertThat(problems.list()).isEmpty();
        return documents;
    }
}
