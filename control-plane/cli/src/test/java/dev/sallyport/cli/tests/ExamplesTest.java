package dev.sallyport.cli.tests;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** People copy from the examples: each is clean, formatted, and tested to the last rule. */
class ExamplesTest {
    private static final Path EXAMPLES = Path.of("../../deploy/examples");

    /** Every folder with a Mesh. */
    static List<Path> sets() throws IOException {
        try (Stream<Path> files = Files.walk(EXAMPLES)) {
            return files.filter(file -> file.endsWith("mesh.yaml"))
                    .map(Path::getParent)
                    .sorted()
                    .toList();
        }
    }

    @Test
    void theyAreThere() throws IOException {
        assertThat(sets())
                .map(set -> EXAMPLES.relativize(set).toString())
                .containsExactly(
                        "observe-migration/1-observe",
                        "observe-migration/2-enforce",
                        "read-only-partner",
                        "shop",
                        "two-person-refund");
    }

    @ParameterizedTest
    @MethodSource("sets")
    void lintHasNothingToSayButOfWhatIsMeant(Path set) {
        boolean observes = set.endsWith("1-observe");

        assertThat(sallyport("policy", "lint", set).held().out().lines())
                .hasSize(observes ? 1 : 0)
                .allMatch(line -> line.contains(" warning SP0705 "));
    }

    @ParameterizedTest
    @MethodSource("sets")
    void testsHoldAndCoverEveryRule(Path set) {
        sallyport("policy", "test", set, "--min-coverage", 100).held();
    }

    @ParameterizedTest
    @MethodSource("sets")
    void theyAreFormatted(Path set) {
        sallyport("policy", "fmt", "--check", set).held();
    }

    @Test
    void eachHasItsReadme() throws IOException {
        String index = Files.readString(EXAMPLES.resolve("README.md"));
        try (Stream<Path> folders = Files.list(EXAMPLES).filter(Files::isDirectory)) {
            assertThat(folders).isNotEmpty().allSatisfy(folder -> {
                assertThat(folder.resolve("README.md")).isNotEmptyFile();
                assertThat(index).contains("`" + folder.getFileName() + "`");
            });
        }
    }
}
