package dev.sallyport.audit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Beside a JSON library: what the scanner takes, the library takes and reads as the same. */
class LineScannerTest {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final String BASE = "{\"EventName\":\"sallyport.request\",\"audit.schema.version\":\"1\","
            + "\"user.roles\":[\"a\",\"b\"],\"sallyport.jwt.claims\":{\"tenant\":\"t\\u2028\\n\",\"k\\u2028\":\"v\"},"
            + "\"http.response.status_code\":200,\"x\":-1.5e+3,\"t\":true,\"f\":false,\"n\":null,\"e\":[],\"o\":{},"
            + "\"sallyport.audit.phase\":\"end\",\"audit.sequence.stream_id\":\"s/1\",\"audit.sequence.number\":42,"
            + "\"audit.sequence.previous_hash\":\"00\",\"audit.sequence.hash\":\"11\"}";
    /** What JSON could stumble over, to be put anywhere. */
    private static final String[] PIECES = {
        "\"",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\t",
        "\n",
        "0",
        "00",
        "-",
        "+",
        ".",
        "e",
        "1e",
        "true",
        "nul",
        "\\u",
        "\\u00",
        "\\u0041",
        "\\ud800",
        "\\x",
        "\\/",
        "\u0000",
        "\u001f",
        "\u007f",
        "\u0080",
        "\u00ff",
        "\"a\":1,",
        "\"n\":1,",
        "\"EventName\":\"x\",",
        "\"audit.sequence.number\":7,",
        "NaN",
        "/*",
        "'",
        "\"\\u006e\":1,",
        "01",
        "9999999999999999999"
    };

    private final LineScanner scanner = new LineScanner();

    private boolean scan(String line) {
        byte[] bytes = ("x" + line + "y").getBytes(ISO_8859_1);
        return scanner.scan(bytes, 1, bytes.length - 1);
    }

    /** What the library reads of the members that a chain needs; empty when it refuses. */
    private static Optional<Map<String, String>> library(String line) {
        Map<String, String> members = new HashMap<>();
        try (JsonParser parser = JSON.createParser(line.getBytes(ISO_8859_1))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (value.isStructStart()) {
                    int depth = 1;
                    while (depth > 0) { // Not skipChildren: that would not look at numbers.
                        JsonToken token = parser.nextToken();
                        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                    }
                } else {
                    members.put(name, parser.getText());
                }
            }
            return parser.nextToken() == null ? Optional.of(members) : Optional.empty();
        } catch (IOException | NullPointerException e) {
            return Optional.empty(); // NullPointerException: the line ends in the middle.
        }
    }

    private boolean agrees(String line) {
        if (!scan(line)) {
            return false;
        }
        byte[] bytes = ("x" + line + "y").getBytes(ISO_8859_1);
        Optional<Map<String, String>> read = library(line);
        assertThat(read).as("taken by the scanner only: %s", line).isPresent();
        Map<String, String> members = read.get();
        same(members, AuditFields.EVENT_NAME, scanner.event, bytes);
        same(members, AuditFields.PHASE, scanner.phase, bytes);
        same(members, AuditFields.STREAM_ID, scanner.stream, bytes);
        same(members, AuditFields.PREVIOUS_HASH, scanner.previous, bytes);
        assertThat(String.valueOf(scanner.number())).isEqualTo(members.getOrDefault(AuditFields.NUMBER, "-1"));
        assertThat(String.valueOf(scanner.skipped())).isEqualTo(members.getOrDefault(AuditFields.SKIPPED_NUMBERS, "0"));
        return true;
    }

    /** A text with escapes is compared as it is written. */
    private static void same(Map<String, String> members, String name, LineScanner.Span span, byte[] line) {
        assertThat(span.isPresent()).as(name).isEqualTo(members.containsKey(name));
        if (span.isPresent() && span.text(line).indexOf('\\') < 0) {
            assertThat(span.text(line)).as(name).isEqualTo(members.get(name));
        }
    }

    @Test
    void lineOfALogIsTakenWithWhatAChainNeeds() {
        assertThat(agrees(BASE)).isTrue();
        byte[] line = ("x" + BASE + "y").getBytes(ISO_8859_1);
        assertThat(scanner.number()).isEqualTo(42);
        assertThat(scanner.event.text(line)).isEqualTo("sallyport.request");
        assertThat(scanner.stream.text(line)).isEqualTo("s/1");
        assertThat(scanner.phase.text(line)).isEqualTo("end");
        assertThat(scanner.previous.text(line)).isEqualTo("00");
    }

    @Test
    void mutatedLinesAreNeverTakenWhereTheLibraryRefuses() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int taken = 0;
        int rounds = 200_000;
        for (int i = 0; i < rounds; i++) {
            String line = BASE;
            for (int left = 1 + random.nextInt(3); left > 0; left--) {
                line = mutated(line, random);
            }
            try {
                taken += agrees(line) ? 1 : 0;
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ", round " + i, e);
            }
        }
        assertThat(taken).as("seed %d: enough of both", seed).isBetween(rounds / 50, rounds - rounds / 50);
    }

    private static String mutated(String line, Random random) {
        int at = random.nextInt(line.length());
        String piece = PIECES[random.nextInt(PIECES.length)];
        int length = Math.min(line.length() - at, 1 + random.nextInt(4));
        return switch (random.nextInt(5)) {
            case 0 -> line.substring(0, at) + piece + line.substring(at);
            case 1 -> line.substring(0, at) + piece + line.substring(at + length);
            case 2 -> line.substring(0, at) + line.substring(at + length);
            case 3 -> line.substring(0, at) + (char) random.nextInt(256) + line.substring(at + 1);
            default -> {
                int other = random.nextInt(line.length());
                int end = Math.min(line.length(), other + random.nextInt(40));
                yield line.substring(0, at) + line.substring(other, end) + line.substring(at);
            }
        };
    }

    /** The members of the records that the log itself makes, of any content. */
    @Test
    void everythingThatTheLogWritesIsTaken() throws Exception {
        Random random = new Random(7);
        List<String> texts = new ArrayList<>(List.of(PIECES));
        for (int i = 0; i < 2_000; i++) {
            AuditRecord record = Logs.record(texts.get(random.nextInt(texts.size())));
            record.userClaims = new java.util.TreeMap<>();
            record.inputs = new java.util.TreeMap<>();
            for (int k = random.nextInt(70); k > 0; k--) {
                String name = texts.get(random.nextInt(texts.size())) + k + (char) random.nextInt(0x3000);
                record.userClaims.put(name, name);
                record.inputs.put(name, List.of(name, "b"));
            }
            String line = new String(Logs.encoded(record), ISO_8859_1) + "}";
            assertThat(agrees(line)).as(line).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}x",
                "{} ",
                " {}",
                "{\"a\":1,}",
                "{\"a\" :1}",
                "{\"a\":01}",
                "{\"a\":1.}",
                "{\"a\":+1}",
                "{\"a\":tru}",
                "{\"a\":[1,]}",
                "{\"a\":1,\"a\":2}",
                "{\"a\":{\"b\":1,\"b\":2}}",
                "{\"a\":1,\"\\u0061\":2}",
                "{\"a\":\"\u00e4\"}",
                "{\"a\":\"\t\"}",
                "{\"audit.sequence.number\":-1}",
                "{\"audit.sequence.number\":\"1\"}",
                "{\"audit.sequence.number\":1.0}",
                "{\"audit.sequence.number\":1234567890123456789}",
                "{\"audit.sequence.previous_hash\":7}",
            })
    void whatIsNoLineOfALogIsRefused(String line) {
        assertThat(scan(line)).isFalse();
    }

    @Test
    void sameNameInTwoObjectsIsNoRepetition() {
        assertThat(scan("{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":2}]}"))
                .isTrue();
    }

    @Test
    void depthAndNamesAreBounded() {
        assertThat(scan("{\"a\":" + "[".repeat(15) + "]".repeat(15) + "}")).isTrue();
        assertThat(scan("{\"a\":" + "[".repeat(16) + "]".repeat(16) + "}")).isFalse();
        StringBuilder many = new StringBuilder("{\"n\":1");
        for (int i = 1; i < 1024; i++) {
            many.append(",\"k").append(i).append("\":1");
        }
        assertThat(scan(many + "}")).isTrue();
        assertThat(scan(many + ",\"one more\":1}")).isFalse();
    }
}
