package dev.sallyport.authoring.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authoring.format.Format.Formatted;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormatTest {
    private static final int RANDOM_DOCUMENTS = 1_500;

    @Test
    void policyGetsTheOrderOfTheLanguageAndKeepsItsComments() {
        assertThat(formatted("""
                # yaml-language-server: $schema=https://sallyport.dev/schema/v1.json

                # whose it is
                ---
                kind: RoutePolicy   # the kind
                apiVersion: 'sallyport.dev/v1'
                spec: # what it says
                    routes:


                        # about charge
                        charge:
                            allow:
                                orders: {when: 'int(request.headers["x"]) <= 5', user: {claims: {dept: "payments", level: "3"}, issuer: shop}, from: [ "orders",
                                    'backoffice' ] }   # why
                                # the last rule
                            # nothing else
                            limit: {per: caller, rate: 5/m}
                            match: [ 'POST /charges/{id}', "GET /x" ]
                    service: payment
                metadata: {annotations: {"sallyport.dev/owner": "team-pay"}, name: p}
                # the end
                """)).isEqualTo("""
                # yaml-language-server: $schema=https://sallyport.dev/schema/v1.json

                # whose it is
                apiVersion: sallyport.dev/v1
                kind: RoutePolicy  # the kind
                metadata: {name: p, annotations: {sallyport.dev/owner: team-pay}}
                spec:  # what it says
                  service: payment
                  routes:
                    # about charge
                    charge:
                      match: ["POST /charges/{id}", GET /x]
                      # nothing else
                      limit: {rate: 5/m, per: caller}
                      allow:
                        orders: {from: [orders, backoffice], user: {issuer: shop, claims: {dept: payments, level: "3"}}, when: "int(request.headers[\\"x\\"]) <= 5"}  # why
                        # the last rule
                # the end
                """);
    }

    static Stream<Arguments> forms() {
        return Stream.of(
                // Names and items stay in the author's order, unknown keys behind the known ones.
                Arguments.of("spec: {routes: {b: {}, a: {}}}", "spec: {routes: {b: {}, a: {}}}"),
                Arguments.of("kind: Mesh\nx: 1\napiVersion: v", "apiVersion: v\nkind: Mesh\nx: 1"),
                Arguments.of("b: 1\na: 2", "b: 1\na: 2"),
                // Quotes where they are needed: to stay a text, or to be YAML at all.
                Arguments.of("a: 'x'\nb: \"1.3\"\nc: '- x'\nd: 'a: b'", "a: x\nb: \"1.3\"\nc: \"- x\"\nd: \"a: b\""),
                Arguments.of("a: 8080\nb: '8080'\nc: true\nd: 'true'", "a: 8080\nb: \"8080\"\nc: true\nd: \"true\""),
                Arguments.of("a: 'no'\nb: '2027-03-31'", "a: no\nb: 2027-03-31"),
                Arguments.of("a: {b: 'x,y', c: 'x, y'}", "a: {b: \"x,y\", c: \"x, y\"}"),
                Arguments.of("a:\n- 'x,y'", "a:\n  - x,y"),
                Arguments.of("'8080': http", "8080: http"),
                Arguments.of("a: \"\\u200b\"", "a: \"\\u200B\""),
                // A text of several lines stays a block, or becomes one line.
                Arguments.of("a: |\n      x\n\n      y\nb: 1", "a: |\n  x\n\n  y\nb: 1"),
                Arguments.of("a: |-   # why\n      x\n      y", "a: |-  # why\n  x\n  y"),
                Arguments.of("a: >\n  x\n  y", "a: \"x y\\n\""),
                Arguments.of("a: x\n  y", "a: x y"),
                // Nothing is nothing.
                Arguments.of("a:\nb: ~\nc: {d: }", "a:\nb: ~\nc: {d: null}"),
                Arguments.of("a: { }\nb: [  ]", "a: {}\nb: []"),
                // Lists are indented; a comment belongs to what follows it, or to what it is indented as.
                Arguments.of(
                        "a:\n- x # one\n# two\n- y\n# three\nb: 1", "a:\n  - x  # one\n  # two\n  - y\n# three\nb: 1"),
                Arguments.of("a:\n  b: 1\n  # of a\nc: 2", "a:\n  b: 1\n  # of a\nc: 2"),
                Arguments.of("a:\n  -   b: 1\n      c: 2\n  -  - d", "a:\n  - b: 1\n    c: 2\n  - - d"),
                Arguments.of("a:\n  - # first\n    b: 1", "a:\n  # first\n  - b: 1"),
                // A comment inside of brackets needs lines.
                Arguments.of("a: [x, # one\n  y]", "a:\n  - x  # one\n  - y"),
                Arguments.of("a: {\n  # one\n  x: 1} # two", "a:  # two\n  # one\n  x: 1"),
                Arguments.of("a: [\n# one\n] # two", "# one\na: []  # two"),
                // Empty lines: one at most, none where a block begins or ends.
                Arguments.of("\n\na: 1\n\n\n\nb: 2\n\n", "a: 1\n\nb: 2"),
                Arguments.of("a:\n\n  b: 1\n\nc: 2", "a:\n  b: 1\n\nc: 2"),
                // Documents stay where they are, separated once.
                Arguments.of("---\na: 1\n...\n---\n---\nb: 2\n---\n", "a: 1\n---\nb: 2"),
                Arguments.of("--- # of b\na: 1\n# of a\n--- # of b\nb: 2", "# of b\na: 1\n# of a\n---\n# of b\nb: 2"),
                Arguments.of("a: 1\r\n# x\r\nb: 2\r\n", "a: 1\n# x\nb: 2"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("forms")
    void formIsCanonical(String text, String canonical) {
        assertThat(formatted(text)).isEqualTo(canonical + "\n");
    }

    @Test
    void conditionsAndMatchesWithVariablesAreAlwaysQuoted() {
        String policy = """
                kind: RoutePolicy
                spec: {routes: {a: {match: [GET /a, 'GET /{b}'], allow: {r: {when: true}}}, b: {match: GET /c}}}
                ---
                kind: Guardrail
                spec: {deny: {d: {match: '/{x}', when: "a", unlessWhen: 'b'}}}
                ---
                kind: Unknown
                spec: {when: a, match: 'GET /{x}'}
                """;

        assertThat(formatted(policy))
                .contains("[GET /a, \"GET /{b}\"]", "when: \"true\"", "match: GET /c")
                .contains("{match: \"/{x}\", when: \"a\", unlessWhen: \"b\"}")
                .contains("{when: a, match: \"GET /{x}\"}");
        assertThat(formatted("kind: RoutePolicy\nspec:\n  routes:\n    a:\n      match:\n        - GET /{b}\n"))
                .contains("- \"GET /{b}\"");
    }

    @Test
    void flowThatDoesNotFitIsWrittenInLines() {
        String roles = "roles: [" + "customer, ".repeat(13) + "customer]"; // 149 columns
        String user = "user: {" + roles + "}";

        assertThat(formatted(user)).isEqualTo(user + "\n");
        assertThat(formatted(user.replace("roles", "all-my-roles"))).startsWith("user:\n  all-my-roles: [customer, ");
        assertThat(formatted(user.replace("customer]", "customer, merchandiser]")))
                .startsWith("user:\n  roles:\n    - customer\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: [", "a: &x 1", "a: 1\na: 2", "a: !!str x", "a: \u202e"})
    void whatCannotBeReadIsLeftAlone(String text) {
        assertThat(Format.of(new Source("a.yaml", text))).isInstanceOf(Formatted.Unreadable.class);
    }

    @Test
    void jsonIsLeftAlone() {
        assertThat(Format.of(new Source("a.json", "{\"b\": 1}"))).isEqualTo(new Formatted.Json());
    }

    @Test
    void textInWhichLineEndsAreReadInTwoWaysIsLeftAlone() {
        // To YAML a carriage return alone ends a line, and so a comment; to what prints lines it does not.
        assertThat(Format.of(new Source("a.yaml", "a: 1\r# x\rb: 2\r"))).isInstanceOf(Formatted.Unproven.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# only a comment\n", "---\n"})
    void textWithoutADocumentStaysAsItIs(String text) {
        assertThat(formatted(text)).isEqualTo(text);
    }

    @Test
    void shopIsCanonicalAndSaysTheSame() throws IOException, InvalidDocumentException {
        List<Source> shop = Source.read(Path.of("../../deploy/examples/shop"));
        List<Source> formatted = shop.stream()
                .map(source -> new Source(source.name(), formatted(source.text())))
                .toList();

        assertThat(formatted).isEqualTo(shop);
        assertThat(DocumentSet.load(formatted).digest())
                .isEqualTo(DocumentSet.load(shop).digest());
    }

    @Test
    void everyKeyOfTheLanguageHasItsPlace() throws IOException {
        String language = Files.readString(Path.of("src/test/resources/dev/sallyport/authoring/language.yaml"));

        assertThat(formatted(language)).isEqualTo(language);
    }

    @Test
    void randomTextsKeepEveryCommentAndStayAsTheyAreWhenFormattedAgain() {
        long seed = System.nanoTime();
        System.out.println("FormatTest seed " + seed);
        for (long i = seed; i < seed + RANDOM_DOCUMENTS; i++) {
            RandomYaml.Sample sample = RandomYaml.next(new SplittableRandom(i));

            Formatted formatted = Format.of(new Source("a.yaml", sample.text()));

            assertThat(formatted).as("%d: %s", i, sample.text()).isInstanceOf(Formatted.Text.class);
            String text = ((Formatted.Text) formatted).text();
            assertThat(formatted(text)).isEqualTo(text);
            for (String comment : sample.comments()) {
                assertThat(text.lines().filter(line -> line.endsWith(comment)))
                        .as("%d: %s", i, comment)
                        .hasSize(1);
            }
        }
    }

    private static String formatted(String text) {
        Formatted formatted = Format.of(new Source("a.yaml", text));
        assertThat(formatted).isInstanceOf(Formatted.Text.class);
        return ((Formatted.Text) formatted).text();
    }
}
