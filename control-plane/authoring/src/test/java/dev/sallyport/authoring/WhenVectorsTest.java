package dev.sallyport.authoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.Documents;
import dev.sallyport.document.Fields;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The decision vectors with conditions. Beside each file stands the same set as a sidecar gets it, and that one is what
 * the engine's tests decide by: what is checked here and what is judged there are the same bytes.
 */
class WhenVectorsTest {
    private static final Path FOLDER = Path.of("../policy/src/test/resources/vectors");

    /** {@code -Dsallyport.golden=true} writes what it expects. */
    @ParameterizedTest
    @MethodSource("files")
    void checkedSetStandsBesideItsDocuments(Path file) throws IOException, InvalidDocumentException {
        Problems problems = new Problems();
        Source source = new Source(file.getFileName().toString(), Files.readString(file));
        Fields fields = Fields.of(Documents.parse(source, problems).getFirst(), "", problems);
        Source documents = new Source(source.name(), fields.text("documents"));
        String checked = WorkingTree.load(List.of(documents), Instant.parse(fields.text("now")))
                .set()
                .toJson();

        Path beside = Path.of(file.toString().replace(".yaml", ".json"));
        if (Boolean.getBoolean("sallyport.golden")) {
            Files.writeString(beside, checked);
        }
        assertThat(Files.readString(beside)).isEqualTo(checked);
    }

    private static Stream<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files
                    .filter(file -> file.getFileName().toString().matches("when-.*\\.yaml"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }
}
