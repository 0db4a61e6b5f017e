package dev.sallyport.proxy.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.contract.Wire;
import dev.sallyport.proxy.testing.FakeControlPlane;
import dev.sallyport.proxy.testing.TestMesh;
import dev.sallyport.proxy.testing.TestSidecar;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sidecar says upward that it wants a key. */
class KeyReportsTest {
    @TempDir
    private Path folder;

    private FakeControlPlane controlPlane;
    private TestSidecar sidecar;

    @BeforeEach
    void start() throws Exception {
        TestMesh mesh = new TestMesh(folder.resolve("authority"));
        controlPlane = new FakeControlPlane(mesh);
        sidecar = TestSidecar.joining(
                folder, mesh.joinFile(controlPlane.sidecarsAddress(), controlPlane.enrolmentAddress(), TestMesh.TOKEN));
    }

    @AfterEach
    void stop() throws Exception {
        sidecar.close();
        controlPlane.close();
    }

    @Test
    void controlPlaneHearsTheIssuerAndTheInstanceAndNothingOfTheToken() throws Exception {
        sidecar.start();
        await().until(sidecar::connected);
        sidecar.member.keyWanted("shop");
        assertThat(controlPlane.keysWanted.poll(5, TimeUnit.SECONDS))
                .isEqualTo(new Wire.KeyWanted(sidecar.state.instance(), "shop"));
    }

    @Test
    void withoutAConnectionItIsLostAndNothingFails() throws Exception {
        sidecar.member.keyWanted("shop");
        sidecar.start();
        await().until(sidecar::connected);
        sidecar.member.keyWanted("staff");
        assertThat(controlPlane.keysWanted.poll(5, TimeUnit.SECONDS))
                .isEqualTo(new Wire.KeyWanted(sidecar.state.instance(), "staff"));
        assertThat(controlPlane.keysWanted).isEmpty();
    }
}
