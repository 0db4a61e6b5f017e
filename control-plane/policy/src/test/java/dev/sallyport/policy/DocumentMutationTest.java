package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Source;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whatever becomes of a valid document, it is read or refused: with problems that have a place and a code, never with another exception. */
class DocumentMutationTest {
    private static final long SEED = 20_270_401;
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9./*_-]+");
    private static final String MARKS = "{}[]:,#&*!|>'\"%@`\\ \n\t-?.$/\u0000\u00e9\u0430\u200b\ud835";
    private static final List<String> WORDS = List.of(
            "any-mesh",
            "none",
            "required",
            "observe",
            "dryRun",
            "enforce",
            "spiffe://shop.example/**",
            "spiffe://*/x",
            "*",
            "**",
            "/**",
            "GET /{x}/**",
            "tcp 5432",
            "grpc a.B/C",
            "0",
            "-1",
            "010",
            "0x1F",
            "1e9",
            "99999999999",
            "null",
            "~",
            "yes",
            "''",
            "[]",
            "{}",
            "[[]]",
            "{a: {b: c}}",
            "!!map",
            "&a",
            "*a",
            "<<",
            "2027-02-30",
            "50/s",
            "25h",
            "1ms",
            "127.0.0.1:1",
            "authorization",
            "x".repeat(300),
            "(a+)+$");

    private interface Loading {
        DocumentSet load(String text) throws InvalidDocumentException;
    }

    @Test
    void mutatedDocumentsAreReadOrRefused() {
        mutate(LanguageTest.EVERYTHING, 3_000, text -> DocumentSet.load(List.of(new Source("fuzz.yaml", text))));
    }

    @Test
    void mutatedSnapshotsAreReadOrRefused() throws InvalidDocumentException {
        String json = Checked.of(DocumentSet.load(List.of(new Source("shop.yaml", LanguageTest.EVERYTHING))))
                .toJson();

        mutate(json, 3_000, DocumentSet::ofJson);
    }

    private static void mutate(String valid, int rounds, Loading loading) {
        Random random = new Random(SEED);
        int read = 0;
        for (int round = 0; round < rounds; round++) {
            String text = valid;
            for (int edits = random.nextInt(3); edits >= 0; edits--) {
                text = edited(text, random);
            }
            try {
                DocumentSet set = Checked.of(loading.load(text));
                assertThat(DocumentSet.ofJson(set.toJson()))
                        .as("seed %d, round %d", SEED, round)
                        .isEqualTo(set);
                read++;
            } catch (InvalidDocumentException refused) {
                assertThat(refused.problems())
                        .as("seed %d, round %d", SEED, round)
                        .isNotEmpty()
                        .allMatch(DocumentMutationTest::isComplete);
            } catch (RuntimeException broken) {
                throw new AssertionError("seed " + SEED + ", round " + round + ":\n" + text, broken);
            }
        }
        assertThat(read).as("both outcomes are met").isBetween(rounds / 100, rounds - rounds / 10);
    }

    private static boolean isComplete(Problem problem) {
        return problem.location().line() >= 1
                && problem.location().column() >= 1
                && problem.code().matches("SP\\d{4}")
                && !problem.message().isBlank()
                && problem.toString().chars().allMatch(c -> (c >= 0x20 && c < 0x7F) || c == '\u2026');
    }

    private static String edited(String text, Random random) {
        if (text.isEmpty()) {
            return MARKS;
        }
        int at = random.nextInt(text.length());
        return switch (random.nextInt(8)) {
            case 0 -> text.substring(0, at) + text.substring(at + 1);
            case 1 -> text.substring(0, at) + MARKS.charAt(random.nextInt(MARKS.length())) + text.substring(at);
            case 2 -> random.nextInt(20) == 0 ? text.substring(0, at) : text;
            case 3 -> lines(text, random);
            case 4 -> withWord(text, word(text, random), random);
            default -> withWord(text, WORDS.get(random.nextInt(WORDS.size())), random);
        };
    }

    /** A line less, twice, elsewhere, or deeper. */
    private static String lines(String text, Random random) {
        List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
        int at = random.nextInt(lines.size());
        switch (random.nextInt(4)) {
            case 0 -> lines.remove(at);
            case 1 -> lines.add(at, lines.get(random.nextInt(lines.size())));
            case 2 -> Collections.swap(lines, at, random.nextInt(lines.size()));
            default -> lines.set(at, "  " + lines.get(at));
        }
        return String.join("\n", lines);
    }

    private static String word(String text, Random random) {
        List<String> words =
                WORD.matcher(text).results().map(MatchResult::group).toList();
        return words.isEmpty() ? "a" : words.get(random.nextInt(words.size()));
    }

    private static String withWord(String text, String word, Random random) {
        List<MatchResult> words = WORD.matcher(text).results().toList();
        if (words.isEmpty()) {
            return text + word;
        }
        MatchResult place = words.get(random.nextInt(words.size()));
        return text.substring(0, place.start()) + word + text.substring(place.end());
    }
}
