package dev.sallyport.proxy.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.Wire;
import dev.sallyport.proxy.testing.TestMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotStoreTest {
    @TempDir
    private Path folder;

    private TestMesh mesh;
    private Path state;
    private SnapshotStore store;
    private MeshSnapshot snapshot;

    @BeforeEach
    void save() throws IOException {
        mesh = new TestMesh(folder.resolve("authority"));
        state = Files.createDirectory(folder.resolve("state"));
        Files.createDirectory(state.resolve("snapshots"));
        store = new SnapshotStore(state);
        snapshot = mesh.snapshot(7);
        save(snapshot, snapshot.policy().digest());
    }

    private void save(MeshSnapshot value, String digest) throws IOException {
        Wire.Down.Snapshot signed = mesh.signed(value);
        store.save(signed.keyList(), signed.snapshot(), digest);
    }

    private void loadsNothingAndSetsAside() throws IOException {
        assertThat(store.load(mesh.joinFile())).isEmpty();
        assertThat(state.resolve("snapshot.json")).doesNotExist();
        assertThat(state.resolve("snapshot.json.bad")).exists();
        assertThat(store.load(mesh.joinFile())).isEmpty();
    }

    @Test
    void whatWasSavedIsLoaded() throws IOException {
        assertThat(store.load(mesh.joinFile()))
                .hasValueSatisfying(stored -> assertThat(stored.snapshot()).isEqualTo(snapshot));
    }

    @Test
    void alteredSnapshotIsRefusedAndSetAside() throws IOException {
        Path file = state.resolve("snapshot.json");
        Files.writeString(file, Files.readString(file).replace("payment", "paymemt"));
        loadsNothingAndSetsAside();
    }

    @Test
    void cutSnapshotIsRefusedAndSetAside() throws IOException {
        Path file = state.resolve("snapshot.json");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        loadsNothingAndSetsAside();
    }

    @Test
    void emptySnapshotIsRefusedAndSetAside() throws IOException {
        Files.write(state.resolve("snapshot.json"), new byte[0]);
        loadsNothingAndSetsAside();
    }

    @Test
    void snapshotWithoutItsKeyListIsRefused() throws IOException {
        Files.delete(state.resolve("keys.jws"));
        loadsNothingAndSetsAside();
    }

    @Test
    void keyListOfAnotherRootKeyIsRefused() throws IOException {
        TestMesh stranger = new TestMesh(Files.createDirectory(folder.resolve("stranger")));
        Files.write(state.resolve("keys.jws"), stranger.keyList(1).getBytes(UTF_8));
        loadsNothingAndSetsAside();
    }

    @Test
    void historyKeepsTheNewestTwenty() throws IOException {
        for (int i = 0; i < 25; i++) {
            save(snapshot, String.format(Locale.ROOT, "%064x", i));
            Files.setLastModifiedTime(
                    state.resolve("snapshots").resolve(String.format(Locale.ROOT, "%064x.json", i)),
                    java.nio.file.attribute.FileTime.fromMillis(1_000_000L + i * 1000L));
        }
        try (Stream<Path> files = Files.list(state.resolve("snapshots"))) {
            List<String> names =
                    files.map(file -> file.getFileName().toString()).toList();
            assertThat(names)
                    .hasSizeLessThanOrEqualTo(SnapshotStore.KEPT)
                    .contains(String.format(Locale.ROOT, "%064x.json", 24));
        }
    }
}
