package dev.sallyport.audit.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderTileStoreTest {
    @TempDir
    private Path folder;

    @Test
    void logInAFolderIsTheLogAgainAfterARestart() throws IOException {
        try (FolderTileStore store = FolderTileStore.open(folder.resolve("log"))) {
            TiledLog.open(store).append(Reference.entries(0, 700));
        }
        try (FolderTileStore store = FolderTileStore.open(folder.resolve("log"))) {
            TiledLog log = TiledLog.open(store);
            log.append(Reference.entries(700, 800));
            assertThat(log.tree().root()).isEqualTo(Reference.root(Reference.entries(0, 800)));
        }
        try (var files = Files.walk(folder)) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".new"));
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("log/tile/0/000"))))
                .isEqualTo("rw-------");
    }

    @Test
    void secondWriterIsRefused() throws IOException {
        try (FolderTileStore store = FolderTileStore.open(folder)) {
            store.write("checkpoint", new byte[] {1});
            assertThatThrownBy(() -> FolderTileStore.open(folder))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use");
            assertThat(FolderTileStore.reading(folder).read("checkpoint")).contains(new byte[] {1});
        }
        FolderTileStore.open(folder).close();
    }

    @Test
    void readerCannotWrite() {
        assertThatThrownBy(() -> FolderTileStore.reading(folder).write("checkpoint", new byte[1]))
                .hasMessageContaining("for reading");
    }

    @Test
    void pathsOutsideOfTheFolderAreRefused() throws IOException {
        try (FolderTileStore store = FolderTileStore.open(folder)) {
            for (String path : new String[] {"../x", "tile/../../x", "/etc/passwd", ""}) {
                assertThatThrownBy(() -> store.read(path)).as(path).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> store.write(Map.of(path, new byte[1])))
                        .as(path)
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void whatACrashLeftBesideAFileIsOverwritten() throws IOException {
        try (FolderTileStore store = FolderTileStore.open(folder)) {
            Files.write(folder.resolve("checkpoint.new"), new byte[100]);
            store.write("checkpoint", new byte[] {1});
            assertThat(store.read("checkpoint")).contains(new byte[] {1});
        }
    }
}
