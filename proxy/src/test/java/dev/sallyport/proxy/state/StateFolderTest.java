package dev.sallyport.proxy.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateFolderTest {
    @TempDir
    private Path folder;

    @Test
    void newFolderIsForItsOwnerOnly() throws Exception {
        Path root = folder.resolve("deep/state");
        try (StateFolder state = StateFolder.open(root)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.root())))
                    .isEqualTo("rwx------");
            assertThat(state.identity()).isDirectory();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxr-x---", "rwx---r--", "rwx--x---", "rwxrwxrwx"})
    void folderThatOthersCanEnterIsRefusedWithTheCommandThatMendsIt(String mode) throws Exception {
        Path root = Files.createDirectory(folder.resolve("state"));
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString(mode));
        assertThatThrownBy(() -> StateFolder.open(root))
                .isInstanceOf(StateRefusedException.class)
                .hasMessageContaining(mode)
                .hasMessageContaining("chmod 700 " + root);
        assertThat(root).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"identity", "snapshots", "audit"})
    void partThatOthersCanEnterIsRefusedLikeTheWhole(String part) throws Exception {
        Path root = folder.resolve("state");
        StateFolder.open(root).close();
        Path open = root.resolve(part);
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-x---"));
        assertThatThrownBy(() -> StateFolder.open(root))
                .isInstanceOf(StateRefusedException.class)
                .hasMessageContaining("chmod 700 " + open);
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwx------"));
        StateFolder.open(root).close();
    }

    @Test
    void folderOfItsOwnerIsTaken() throws Exception {
        Path root = Files.createDirectory(folder.resolve("state"));
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        StateFolder.open(root).close();
    }

    @Test
    void secondSidecarOnOneFolderIsRefusedUntilTheFirstIsGone() throws Exception {
        Path root = folder.resolve("state");
        try (StateFolder first = StateFolder.open(root)) {
            assertThat(first.root()).isEqualTo(root);
            assertThatThrownBy(() -> StateFolder.open(root))
                    .isInstanceOf(StateRefusedException.class)
                    .hasMessageContaining("in use by another sidecar");
        }
        StateFolder.open(root).close();
    }

    @Test
    void fileInThePlaceOfTheFolderIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("state"), "x");
        assertThatThrownBy(() -> StateFolder.open(file))
                .isInstanceOf(StateRefusedException.class)
                .hasMessageContaining("not a folder");
    }

    @Test
    void instanceStaysTheSameAndIsForTheOwnerOnly() throws Exception {
        Path root = folder.resolve("state");
        String instance;
        try (StateFolder state = StateFolder.open(root)) {
            instance = state.instance();
        }
        try (StateFolder state = StateFolder.open(root)) {
            assertThat(state.instance()).isEqualTo(instance).hasSize(32);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("instance"))))
                .isEqualTo("rw-------");
    }

    @Test
    void secretIsAnotherEachTimeAndForTheOwnerOnly() throws Exception {
        try (StateFolder state = StateFolder.open(folder.resolve("state"))) {
            Path file = state.root().resolve("admin-token");
            String first = state.newSecret("admin-token");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            String second = state.newSecret("admin-token");
            assertThat(second).hasSize(64).isNotEqualTo(first);
            assertThat(file).content().isEqualTo(second);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void alteredInstanceIsRefused() throws Exception {
        try (StateFolder state = StateFolder.open(folder.resolve("state"))) {
            Files.writeString(state.root().resolve("instance"), "short");
            assertThatThrownBy(state::instance).hasMessageContaining("not 32 hex digits");
        }
    }

    @Test
    void whatIsTakenBackIsGoneAndWhatWasNotToldIsNoError() throws Exception {
        try (StateFolder state = StateFolder.open(folder.resolve("state"))) {
            state.untell("admin-address");
            state.tell("admin-address", "127.0.0.1:15000");
            state.untell("admin-address");
            assertThat(state.root().resolve("admin-address")).doesNotExist();
        }
    }

    @Test
    void replacedFileIsWholeAndForTheOwnerOnly() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "old");
        Files.writeString(folder.resolve("file.tmp"), "of a crash");
        DurableFile.write(file, "new".getBytes(UTF_8));
        assertThat(file).hasContent("new");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(folder.resolve("file.tmp")).doesNotExist();
    }

    @Test
    void whatIsToldIsReplacedWholeAndForTheOwnerOnly() throws Exception {
        Path root = folder.resolve("state");
        Path victim = Files.writeString(folder.resolve("victim"), "untouched");
        try (StateFolder state = StateFolder.open(root)) {
            Path file = root.resolve("admin-address");
            state.tell("admin-address", "127.0.0.1:15000");
            assertThat(file).content().isEqualTo("127.0.0.1:15000\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            Files.createSymbolicLink(root.resolve("admin-address.tmp"), victim);
            try (var reading =
                    Files.newInputStream(file)) { // Whoever is in the middle of the old one reads it to its end.
                state.tell("admin-address", "[::1]:7");
                assertThat(new String(reading.readAllBytes(), UTF_8)).isEqualTo("127.0.0.1:15000\n");
            }
            assertThat(file).content().isEqualTo("[::1]:7\n");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(root.resolve("admin-address.tmp")).doesNotExist();
            assertThat(victim).content().isEqualTo("untouched");
        }
    }
}
