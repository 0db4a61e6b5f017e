package dev.sallyport.benchmarks.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateTest {
    @TempDir
    private Path folder;

    @Test
    void placesAreFilledAndEverythingElseStays() throws Exception {
        Template template = new Template(Files.writeString(folder.resolve("t"), "\"@type\": a@b @port@;$x @port@\n"));
        assertThat(template.filled(Map.of("port", "$1", "next", "2"))).isEqualTo("\"@type\": a@b $1;$x $1\n");
    }

    @Test
    void placeWithoutValueIsNamed() throws Exception {
        Path file = Files.writeString(folder.resolve("t"), "@port@ @nobody@");
        assertThatThrownBy(() -> new Template(file).filled(Map.of("port", "1")))
                .isInstanceOf(IOException.class)
                .hasMessage(file + ": @nobody@ (expected: some of port)");
    }
}
