package dev.sallyport.server.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store and keys that do not belong together, as after half a restore: no root that the mesh does not know takes the place of one that it trusts. */
class LostStoreTest {
    @TempDir
    Path state;

    private Rig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig(state);
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private void rotated() throws Exception {
        rig.begin(Rig.root());
        while (!rig.phase().over()) {
            rig.step();
        }
        assertThat(rig.authorities().signing().number()).isEqualTo(2);
    }

    private void assertNothingWasMade(int generation) {
        assertThat(state.resolve("ca/" + generation)).doesNotExist();
    }

    @Test
    void storeOfYesterdayBesideTheKeysOfTodayIsRefused() throws Exception {
        rig.store()
                .read(handle -> handle.execute(
                        "vacuum into ?", state.resolve("yesterday").toString()));
        rotated();
        rig.close();
        try (Store yesterday = of(state.resolve("yesterday"))) {
            assertThatThrownBy(() -> new Rig(state, yesterday))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("ca/2")
                    .hasMessageContaining("the store does not know");
        }
        assertNothingWasMade(1);
        rig = new Rig(state);
        assertThat(rig.authorities().signing().number()).isEqualTo(2);
    }

    private Store of(Path copy) throws Exception {
        Path folder = Files.createDirectory(state.resolve("other"));
        Files.copy(copy, folder.resolve("control-plane.db"));
        return Store.open(folder);
    }

    @Test
    void newStoreBesideTheKeysOfALaterGenerationIsRefused() throws Exception {
        rotated();
        rig.close();
        try (Store empty = Store.open(Files.createDirectory(state.resolve("empty")))) {
            assertThatThrownBy(() -> new Rig(state, empty)).hasMessageContaining("ca/2");
        }
        assertNothingWasMade(1);
        rig = new Rig(state);
    }

    @Test
    void keysThatAreMissingAreNotMadeAnew() throws Exception {
        String root =
                X509Svid.fingerprintOf(rig.authorities().bundle().authorities().getFirst());
        Files.move(rig.folder(1), state.resolve("aside"));
        assertThatThrownBy(() -> rig.restart())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ca/1 is missing")
                .hasMessageContaining(root);
        assertNothingWasMade(1);
        Files.move(state.resolve("aside"), rig.folder(1));
        rig.restart();
    }

    @Test
    void otherKeysInTheirPlaceAreRefusedByBothNames() throws Exception {
        TrustBundle before = rig.authorities().bundle();
        Path kept = Files.move(rig.folder(1).resolve("root.pem"), state.resolve("root.pem"));
        Path other = Files.move(rig.folder(1).resolve("intermediate.pem"), state.resolve("intermediate.pem"));
        assertThatThrownBy(() -> rig.restart())
                .hasMessageContaining("has root ")
                .hasMessageContaining("(expected: "
                        + X509Svid.fingerprintOf(before.authorities().getFirst()));
        Files.move(kept, rig.folder(1).resolve("root.pem"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.move(other, rig.folder(1).resolve("intermediate.pem"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        rig.restart();
        assertThat(rig.authorities().bundle()).isEqualTo(before);
    }
}
