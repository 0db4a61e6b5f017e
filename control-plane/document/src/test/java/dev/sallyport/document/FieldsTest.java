package dev.sallyport.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldsTest {
    private final Problems problems = new Problems();

    @Test
    void valuesAreReadInTheirForms() {
        Fields fields = fields("""
                text: no
                number: 42
                yes: true
                wait: 250ms
                listen: "[::1]:8080"
                one: a
                many: [a, b]
                sub: {x: y}
                named: {p: {q: 1}, r: {q: 2}}
                texts: {8080: http}
                lists: {a: x, b: [y, z]}
                day: 2027-03-31
                time: 2027-03-31T12:30:00Z
                """);

        assertThat(fields.text("text")).isEqualTo("no");
        assertThat(fields.integer("number", 0, 0, 99)).isEqualTo(42);
        assertThat(fields.bool("yes", false)).isTrue();
        assertThat(fields.duration("wait", Duration.ZERO, Duration.ZERO, Duration.ofDays(1)))
                .isEqualTo(Duration.ofMillis(250));
        assertThat(fields.hostPort("listen", false)).hasValue(new HostPort("::1", 8080));
        assertThat(fields.texts("one")).containsExactly("a");
        assertThat(fields.texts("many")).containsExactly("a", "b");
        assertThat(fields.fields("sub").text("x")).isEqualTo("y");
        assertThat(fields.named("named")).containsOnlyKeys("p", "r");
        assertThat(fields.namedTexts("texts")).containsEntry("8080", "http");
        assertThat(fields.namedTextLists("lists").values())
                .extracting(texts -> texts.stream().map(Text::text).toList())
                .containsExactly(List.of("x"), List.of("y", "z"));
        assertThat(fields.instant("day")).contains(Instant.parse("2027-03-31T00:00:00Z"));
        assertThat(fields.instant("time")).contains(Instant.parse("2027-03-31T12:30:00Z"));
        assertThat(fields.instant("absent")).isEmpty();
        assertThat(fields.optionalDuration("wait", Duration.ZERO, Duration.ofDays(1)))
                .contains(Duration.ofMillis(250));
        assertThat(fields.optionalDuration("absent", Duration.ZERO, Duration.ofDays(1)))
                .isEmpty();
        assertThat(fields.optionalText("absent")).isEmpty();
        assertThat(fields.integer("absent", 7, 0, 9)).isEqualTo(7);
        fields.done();
        assertThat(problems.list()).isEmpty();
    }

    @Test
    void unknownKeyNamesTheNearestKnownOne() {
        Fields fields = fields("form: [a]\nuser: none\nxyzzy: 1");
        fields.has("from");
        fields.optionalTexts("from");
        fields.text("user");
        fields.done();

        assertThat(messages())
                .containsExactly(
                        "f.yaml:1:1: SP0010 form: unknown (did you mean from?)",
                        "f.yaml:3:1: SP0010 xyzzy: unknown (expected: one of from, user)");
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                wrong("{}", f -> f.text("k"), "f.yaml:1:1: SP0011 k: missing (expected: a text)"),
                wrong("k:", f -> f.text("k"), "f.yaml:1:3: SP0012 k: empty (expected: a text)"),
                wrong("k: null", f -> f.text("k"), "SP0012"),
                wrong("k: ~", f -> f.optionalText("k"), "SP0012"),
                wrong("k: ''", f -> f.text("k"), "SP0012"),
                wrong("k: ' '", f -> f.text("k"), "SP0012"),
                wrong("k: [a]", f -> f.text("k"), "k: a list (expected: a text)"),
                wrong("k: {a: b}", f -> f.text("k"), "k: a mapping (expected: a text)"),
                wrong("k: c", f -> f.oneOf("k", null, "a", "b"), "SP0013 k: c (expected: a | b)"),
                wrong("{}", f -> f.oneOf("k", null, "a", "b"), "SP0011 k: missing (expected: a | b)"),
                wrong("k: 100", f -> f.integer("k", 0, 1, 99), "k: 100 (expected: 1..99)"),
                wrong("k: 0x1F", f -> f.integer("k", 0, 1, 99), "SP0013"),
                wrong("k: 010", f -> f.integer("k", 0, 1, 99), "SP0013"),
                wrong("k: 1_0", f -> f.integer("k", 0, 1, 99), "SP0013"),
                wrong("k: +1", f -> f.integer("k", 0, 1, 99), "SP0013"),
                wrong("k: ١", f -> f.integer("k", 0, 1, 99), "SP0013"),
                wrong("k: 99999999999", f -> f.integer("k", 0, 1, 99), "SP0013"),
                wrong("k: yes", f -> f.bool("k", false), "k: yes (expected: true | false)"),
                wrong("k: True", f -> f.bool("k", false), "SP0013"),
                wrong("k: 30", FieldsTest::duration, "SP0013"),
                wrong("k: 2d", FieldsTest::duration, "k: 2d (expected: 1s..1d, as 250ms, 30s, 5m, 24h or 7d)"),
                wrong("k: 1.5h", FieldsTest::duration, "SP0013"),
                wrong("k: -1s", FieldsTest::duration, "SP0013"),
                wrong("k: 30 s", FieldsTest::duration, "SP0013"),
                wrong("k: host:0", f -> f.hostPort("k", false), "host:port, port 1..65535"),
                wrong("k: host", f -> f.hostPort("k", true), "SP0013"),
                wrong("k: []", f -> f.texts("k"), "an empty list (expected: at least one text"),
                wrong("k: [a, [b]]", f -> f.texts("k"), "f.yaml:1:8: SP0012 k[1]: a list"),
                wrong("{}", f -> f.texts("k"), "SP0011"),
                wrong("k: []", f -> f.optionalTexts("k"), "SP0012"),
                wrong("{}", f -> f.fields("k").text("quiet"), "SP0011 k: missing"),
                wrong("k: a", f -> f.fields("k").text("quiet"), "SP0012 k: a text (expected: a mapping"),
                wrong("k: {}", f -> f.named("k"), "SP0012 k: empty"),
                wrong("k: {a: b}", f -> f.named("k"), "SP0012 k.a: a text"),
                wrong("k: {}", f -> f.namedTexts("k"), "SP0012 k: empty"),
                wrong("k: {a: [b]}", f -> f.namedTexts("k"), "SP0012 k.a: a list"),
                wrong("k: {a: []}", f -> f.namedTextLists("k"), "SP0012 k.a: an empty list"),
                wrong("k: {}", f -> f.namedTextLists("k"), "SP0012 k: empty"),
                wrong(
                        "k: 2027-02-30",
                        f -> f.instant("k"),
                        "SP0013 k: 2027-02-30 (expected: a date or an instant in UTC"),
                wrong("k: 1", f -> f.later("k"), "SP0014 k: not in this version"));
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("wrong")
    void wrongValueIsOneProblemAndReadingGoesOn(String yaml, Consumer<Fields> read, String expected) {
        Fields fields = fields(yaml);

        read.accept(fields);
        fields.done();

        assertThat(messages()).singleElement().asString().contains(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2027-3-31",
                "27-03-31",
                "2027-13-01",
                "2027-02-29",
                "2027-03-31T12:00",
                "2027-03-31T12:00:00",
                "2027-03-31T24:00:00Z",
                "2027-03-31T23:59:60Z",
                "2027-03-31T12:00:00+01:00",
                "2027-03-31T12:00:00.5Z",
                "2027-03-31t12:00:00z",
                "2027-03-31 12:00:00Z",
                "+02027-03-31",
                "1806451200",
                "tomorrow",
                "7d",
                "\u0662027-03-31"
            })
    void momentHasOneSpelling(String text) {
        Fields fields = fields("k: \"" + text + "\"");

        assertThat(fields.instant("k")).isEmpty();
        assertThat(messages()).singleElement().asString().contains("SP0013 k: ");
    }

    @Test
    void manyKnownWordsAreNotAllListed() {
        List<String> words = IntStream.range(0, 20).mapToObj(i -> "w" + i).toList();

        assertThat(Nearest.list(words)).startsWith("w0, w1").endsWith("w15, … 4 more");
        assertThat(Nearest.list(words.subList(0, 16))).endsWith("w15");
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:80,true",
        "a.b-c_d:65535,true",
        "127.0.0.1:0,true",
        "[::1]:443,true",
        "2048-game:80,true",
        "host,false",
        ":80,false",
        "host:,false",
        "host:65536,false",
        "host:080,false",
        "host:+80,false",
        "user@host:80,false",
        "a..b:80,false",
        "host.:80,false",
        "-a:80,false",
        "127.1:80,false",
        "127.0.0.01:80,false",
        "127.0.0.256:80,false",
        "0x7f.1:80,false",
        "1.2.3.4.5:80,false",
        "[fe80::1%eth0]:80,false",
        "[::ffff:127.0.0.1]:80,false",
        "::1:80,false",
        "[::1:80,false",
        "[zz]:80,false",
        "hôst:80,false",
        "http://host:80,false",
    })
    void hostPortIsReadInOneWayOnly(String text, boolean valid) {
        assertThat(HostPort.parse(text).map(HostPort::toString))
                .isEqualTo(valid ? Optional.of(text) : Optional.empty());
    }

    private static Arguments wrong(String yaml, Consumer<Fields> read, String expected) {
        return Arguments.of(yaml, read, expected);
    }

    private static void duration(Fields fields) {
        fields.duration("k", Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofDays(1));
    }

    private Fields fields(String yaml) {
        Node node = Documents.parse(new Source("f.yaml", yaml), problems).getFirst();
        assertThat(problems.list()).isEmpty();
        return Fields.of(node, "", problems);
    }

    private List<String> messages() {
        return problems.list().stream().map(Problem::toString).toList();
    }
}
