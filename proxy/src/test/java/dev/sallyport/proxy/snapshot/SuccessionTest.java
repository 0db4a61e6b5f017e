package dev.sallyport.proxy.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.proxy.testing.TestMesh;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuccessionTest {
    @TempDir
    private Path folder;

    private final Snapshots live = new Snapshots(Clock.systemUTC());
    private final Succession succession = new Succession(live, next -> {}, Clock.systemUTC());
    private final List<Long> ruledWhenSaved = new ArrayList<>();
    private TestMesh mesh;

    @BeforeEach
    void open() {
        mesh = new TestMesh(folder);
    }

    private long ruling() {
        return live.latest().map(held -> held.snapshot().revision()).orElse(-1L);
    }

    private void apply(MeshSnapshot next) throws Exception {
        succession.apply(next, () -> ruledWhenSaved.add(ruling()));
    }

    /** A process killed right after its first denial comes up with the rules that denied. */
    @Test
    void nothingRulesThatARestartWouldNotBringBack() throws Exception {
        apply(mesh.snapshot(1));
        apply(mesh.snapshot(2));
        assertThat(ruling()).isEqualTo(2);
        assertThat(ruledWhenSaved).containsExactly(-1L, 1L);
    }

    /** A denial must not wait until somebody mends a disk. */
    @Test
    void whatCannotBeStoredRulesAllTheSame() throws Exception {
        succession.apply(mesh.snapshot(1), () -> {
            throw new IOException("No space left on device");
        });
        assertThat(ruling()).isEqualTo(1);
    }
}
