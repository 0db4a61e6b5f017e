package dev.sallyport.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTest {
    @TempDir
    Path folder;

    @Test
    void folderGivesItsDocumentsByName() throws IOException {
        Files.writeString(folder.resolve("b.yml"), "b");
        Files.writeString(folder.resolve("a.yaml"), "ä");
        Files.writeString(folder.resolve("c.json"), "{}");
        Files.writeString(folder.resolve("README.md"), "no");
        Files.writeString(folder.resolve(".a.yaml"), "an editor's");
        Files.createDirectory(folder.resolve("d.yaml"));

        assertThat(Source.read(folder)).extracting(Source::text).containsExactly("ä", "b", "{}");
        assertThat(Source.read(folder).getFirst().name())
                .isEqualTo(folder.resolve("a.yaml").toString());
    }

    @Test
    void fileOfExactlyOneMebibyteIsRead() throws IOException {
        Path file = Files.write(folder.resolve("a.yaml"), new byte[Source.BYTES_MAX]);

        assertThat(Source.read(file)).hasSize(1);
    }

    @Test
    void largerFileIsRefused() throws IOException {
        Path file = Files.write(folder.resolve("a.yaml"), new byte[Source.BYTES_MAX + 1]);

        assertThatThrownBy(() -> Source.read(file))
                .isInstanceOf(IOException.class)
                .hasMessage(file + ": more than 1 MiB (expected: at most 1 MiB; split the file)");
    }

    @Test
    void tooManyFilesAreRefused() throws IOException {
        for (int i = 0; i <= Source.FILES_MAX; i++) {
            Files.createFile(folder.resolve(i + ".yaml"));
        }

        assertThatThrownBy(() -> Source.read(folder)).hasMessageContaining("at most 1000 files");
    }

    @Test
    void textThatIsNotUtf8IsRefusedWithItsPlace() throws IOException {
        Path file = Files.write(folder.resolve("a.yaml"), new byte[] {'a', '\n', 'b', (byte) 0xC0, (byte) 0xAF});

        assertThatThrownBy(() -> Source.read(file)).hasMessageContaining("a.yaml:2:2: not UTF-8, byte 0xc0");
    }

    @Test
    void textCutInsideACharacterIsRefused() throws IOException {
        Path file = Files.write(folder.resolve("a.yaml"), new byte[] {'a', (byte) 0xE2, (byte) 0x82});

        assertThatThrownBy(() -> Source.read(file)).hasMessageContaining("a.yaml:1:2: not UTF-8");
    }

    @Test
    void missingFileIsNamed() {
        Path file = folder.resolve("none.yaml");

        assertThatThrownBy(() -> Source.read(file)).hasMessageStartingWith(file + ": not found (expected: ");
    }
}
