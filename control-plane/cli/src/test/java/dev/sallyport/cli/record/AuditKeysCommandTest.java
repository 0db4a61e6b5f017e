package dev.sallyport.cli.record;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.audit.WordKeys;
import dev.sallyport.cli.testing.SidecarState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditKeysCommandTest {
    @TempDir
    private Path folder;

    private Path state;

    @BeforeEach
    void make() throws IOException {
        state = new SidecarState(folder.resolve("orders"), "orders").folder;
        new WordKeys(state, Clock.systemUTC()).current();
    }

    @Test
    void keysAreListedWithTheWordsThatTheyMake() throws IOException {
        Files.writeString(state.resolve("audit-key"), "00".repeat(32));
        sallyport("audit", "keys", "rotate", state).held();
        String out = sallyport("audit", "keys", "list", state).held().out();
        assertThat(out.lines().toList())
                .hasSize(4)
                .anyMatch(line -> line.startsWith("0 ") && line.contains("k-…"))
                .anyMatch(line -> line.startsWith("1 ") && line.contains("k1-…"))
                .anyMatch(line -> line.startsWith("2 ") && line.contains("k2-…") && line.endsWith("here"));
        assertThat(out).doesNotContain("0000000000");
    }

    @Test
    void destroyedKeyIsListedAsSuchAndGone() {
        sallyport("audit", "keys", "rotate", state).held();
        sallyport("audit", "keys", "destroy", state, "--epoch", "1").held();
        JsonNode epochs = sallyport("audit", "keys", "list", state, "--output", "json")
                .held()
                .json();
        assertThat(epochs.get(0).get("destroyed").asText()).isNotEmpty();
        assertThat(epochs.get(1).has("destroyed")).isFalse();
        assertThat(state.resolve("audit-keys/0001.key")).doesNotExist();
        sallyport("audit", "keys", "destroy", state, "--epoch", "1").refused(1, "no key");
    }

    @Test
    void keyInUseIsNotDestroyed() {
        sallyport("audit", "keys", "destroy", state, "--epoch", "1").refused(1, "in use", "rotate first");
        assertThat(state.resolve("audit-keys/0001.key")).exists();
    }

    @Test
    void unknownEpochIsRefused() {
        sallyport("audit", "keys", "destroy", state, "--epoch", "9").refused(1, "--epoch 9");
        sallyport("audit", "keys", "destroy", state).refused(2, "--epoch");
    }

    @Test
    void folderThatIsNoSidecarsIsRefused() {
        sallyport("audit", "keys", "rotate", folder.resolve("none")).refused(1, "none");
        sallyport("audit", "keys", "rotate", folder).refused(1, "one sidecar's own");
        assertThat(folder.resolve("audit-keys")).doesNotExist();
    }
}
