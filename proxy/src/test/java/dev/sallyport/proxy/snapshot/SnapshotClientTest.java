package dev.sallyport.proxy.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.Wire;
import dev.sallyport.proxy.testing.FakeControlPlane;
import dev.sallyport.proxy.testing.TestMesh;
import dev.sallyport.proxy.testing.TestSidecar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotClientTest {
    @TempDir
    private Path folder;

    private TestMesh mesh;
    private FakeControlPlane controlPlane;
    private TestSidecar sidecar;

    @BeforeEach
    void start() throws Exception {
        mesh = new TestMesh(folder.resolve("authority"));
        controlPlane = new FakeControlPlane(mesh);
        sidecar = TestSidecar.joining(
                        folder,
                        mesh.joinFile(controlPlane.sidecarsAddress(), controlPlane.enrolmentAddress(), TestMesh.TOKEN))
                .start();
        await().until(sidecar::connected);
        controlPlane.publish(mesh.signed(mesh.snapshot(5)));
        await().until(() -> sidecar.revision() == 5);
        assertThat(nextAck().refused()).isEmpty();
    }

    @AfterEach
    void stop() throws Exception {
        sidecar.close();
        controlPlane.close();
    }

    private Wire.Ack nextAck() throws InterruptedException {
        return Optional.ofNullable(controlPlane.acks.poll(5, TimeUnit.SECONDS))
                .orElseThrow(() -> new AssertionError("no ack"));
    }

    private void refused(Wire.Down.Snapshot snapshot, String why) throws InterruptedException {
        controlPlane.send(snapshot);
        assertThat(nextAck().refused())
                .hasValueSatisfying(reason -> assertThat(reason).contains(why));
        assertThat(sidecar.revision()).isEqualTo(5);
        assertThat(sidecar.member.snapshotsRefused()).isEqualTo(1);
    }

    @Test
    void newerSnapshotIsInForceStoredAndAcknowledged() throws Exception {
        MeshSnapshot next = mesh.snapshot(6);
        controlPlane.send(mesh.signed(next));
        Wire.Ack ack = nextAck();
        assertThat(ack.refused()).isEmpty();
        assertThat(ack.revision()).isEqualTo(6);
        assertThat(ack.digest()).isEqualTo(next.policy().digest());
        assertThat(ack.certificateSerial()).isEqualTo(sidecar.member.svid().serial());
        assertThat(sidecar.revision()).isEqualTo(6);
        assertThat(sidecar.snapshotStore.load(mesh.joinFile()))
                .hasValueSatisfying(stored -> assertThat(stored.snapshot()).isEqualTo(next));
        assertThat(sidecar.state.root().resolve("snapshots/" + next.policy().digest() + ".json"))
                .exists();
    }

    @Test
    void olderSnapshotIsRefused() throws Exception {
        refused(mesh.signed(mesh.snapshot(4)), "is not newer than the one held");
    }

    @Test
    void sameSnapshotAgainIsAcknowledgedAgain() throws Exception {
        MeshSnapshot next = mesh.snapshot(6);
        controlPlane.send(mesh.signed(next));
        assertThat(nextAck().refused()).isEmpty();
        controlPlane.send(mesh.signed(next));
        assertThat(nextAck().refused()).isEmpty();
        assertThat(sidecar.member.snapshotsRefused()).isZero();
    }

    @Test
    void snapshotSignedByAStrangerIsRefused() throws Exception {
        refused(mesh.forged(mesh.snapshot(6)), "");
    }

    @Test
    void snapshotForAnotherSidecarIsRefused() throws Exception {
        refused(
                mesh.signed(
                        mesh.snapshot(6, mesh.id("payment"), Instant.now().plusSeconds(60), List.of(mesh.bundle()))),
                "");
    }

    @Test
    void expiredSnapshotIsRefused() throws Exception {
        refused(
                mesh.signed(mesh.snapshot(6, mesh.id("orders"), Instant.now().minusSeconds(1), List.of(mesh.bundle()))),
                "validUntil");
    }

    @Test
    void bundleUnderWhichTheOwnCertificateFailsIsRefused() throws Exception {
        TestMesh stranger = new TestMesh(Files.createDirectory(folder.resolve("stranger")));
        refused(
                mesh.signed(
                        mesh.snapshot(6, mesh.id("orders"), Instant.now().plusSeconds(60), List.of(stranger.bundle()))),
                "");
        assertThat(sidecar.publisher.source().bundle(mesh.id("orders").trustDomain()))
                .contains(mesh.bundle());
    }

    @Test
    void keyListOfAnEarlierEpochIsRefused() throws Exception {
        refused(
                new Wire.Down.Snapshot(
                        mesh.keyList(0), mesh.signed(mesh.snapshot(6)).snapshot()),
                "key list of epoch 0");
    }

    @Test
    void restartWithoutControlPlaneServesFromDisk() throws Exception {
        sidecar.close();
        controlPlane.close();
        try (TestSidecar again = TestSidecar.restarting(folder).start()) {
            assertThat(again.revision()).isEqualTo(5);
            assertThat(again.snapshots.current()).isPresent();
        }
    }

    @Test
    void olderSnapshotIsRefusedAlsoAfterARestart() throws Exception {
        sidecar.close();
        try (TestSidecar again = TestSidecar.restarting(folder).start()) {
            await().until(again::connected);
            controlPlane.send(mesh.signed(mesh.snapshot(4)));
            await().until(() -> again.member.snapshotsRefused() == 1);
            assertThat(again.revision()).isEqualTo(5);
        }
    }
}
