package dev.sallyport.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderLinesTest {
    @TempDir
    private Path folder;

    private Path headers(String text) throws IOException {
        return Files.writeString(folder.resolve("headers"), text);
    }

    @Test
    void namesAreLowerCaseAndCommentsAndEmptyLinesAreNone() throws Exception {
        Path file = headers("# of the collector\r\napi-key: first\n\nX-Tenant:  a b \n");
        assertThat(HeaderLines.read(file)).containsExactly(entry("api-key", "first"), entry("x-tenant", "a b"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no colon",
                ": x",
                "a b: x",
                "x: caf\u00e9",
                "x: \u001b[31m",
                "x: y\rz: y",
                "Host: evil",
                "Content-Length: 1",
                " # x: y"
            })
    void lineThatIsNoHeaderIsRefusedWithoutItsContent(String line) throws Exception {
        Path file = headers("good: secret\n" + line + "\n");
        assertThatThrownBy(() -> HeaderLines.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("headers:2 (expected: name: value")
                .hasMessageNotContainingAny("secret", line);
    }

    @Test
    void nameTwiceIsRefusedInOneSentence() throws Exception {
        Path file = headers("api-key: secret\n# api-key: comment\nAPI-Key: other\n");
        assertThatThrownBy(() -> HeaderLines.read(file))
                .isInstanceOf(IOException.class)
                .hasMessage("headersFile: " + file + ":3: api-key a second time (expected: once)");
    }

    @Test
    void fileIsBounded() throws Exception {
        assertThat(HeaderLines.read(headers("#" + "x".repeat(16 * 1024 - 1)))).isEmpty();
        assertThatThrownBy(() -> HeaderLines.read(headers("#" + "x".repeat(16 * 1024))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("too large (expected: at most 16384 bytes)");
    }
}
