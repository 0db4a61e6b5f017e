package dev.sallyport.cli.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UnifiedDiffTest {
    @Test
    void changesThatAreFarApartAreShownApart() {
        String before = lines("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");

        assertThat(UnifiedDiff.of("x", before, before.replace("b\n", "B\nB\n").replace("j\n", "")))
                .containsExactly(
                        "--- x",
                        "+++ x (formatted)",
                        "@@ -1,5 +1,6 @@",
                        " a",
                        "-b",
                        "+B",
                        "+B",
                        " c",
                        " d",
                        " e",
                        "@@ -7,4 +8,3 @@",
                        " g",
                        " h",
                        " i",
                        "-j");
    }

    @Test
    void changesThatAreNearAreShownTogether() {
        String before = lines("a", "b", "c", "d", "e", "f", "g", "h");

        assertThat(UnifiedDiff.of("x", before, before.replace("a\n", "A\n").replace("h\n", "H\n")))
                .hasSize(3 + 8 + 2)
                .contains("@@ -1,8 +1,8 @@");
    }

    @Test
    void whatIsTheSameHasNoDifference() {
        assertThat(UnifiedDiff.of("x", "a\n", "a\n")).isEmpty();
        assertThat(UnifiedDiff.of("x", "", "a\n"))
                .containsExactly("--- x", "+++ x (formatted)", "@@ -0,0 +1,1 @@", "+a");
    }

    @Test
    void whatIsTooLargeToCompareIsReplacedWhole() {
        String before = IntStream.range(0, 3_000).mapToObj(i -> "a" + i + "\n").collect(Collectors.joining());

        List<String> diff = UnifiedDiff.of("x", before, before.replace("a", "b"));

        assertThat(diff).hasSize(3 + 6_000).contains("@@ -1,3000 +1,3000 @@");
    }

    private static String lines(String... lines) {
        return String.join("\n", lines) + "\n";
    }
}
