package dev.sallyport.proxy.svid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.testing.FakeControlPlane;
import dev.sallyport.proxy.testing.TestMesh;
import dev.sallyport.proxy.testing.TestSidecar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SvidClientTest {
    @TempDir
    private Path folder;

    private TestMesh mesh;
    private FakeControlPlane controlPlane;
    private TestSidecar sidecar;

    @BeforeEach
    void start() throws Exception {
        mesh = new TestMesh(folder.resolve("authority"));
        controlPlane = new FakeControlPlane(mesh);
        controlPlane.publish(mesh.signed(mesh.snapshot(1)));
        sidecar = TestSidecar.joining(
                        folder,
                        mesh.joinFile(controlPlane.sidecarsAddress(), controlPlane.enrolmentAddress(), TestMesh.TOKEN))
                .start();
        await().until(() -> sidecar.revision() == 1);
    }

    @AfterEach
    void stop() throws Exception {
        sidecar.close();
        controlPlane.close();
    }

    private String serial() {
        return sidecar.publisher.source().svid().map(X509Svid::serial).orElseThrow();
    }

    @Test
    void rotateMessageLeadsToANewSerialOnDiskOnANewConnectionAndInAnAck() throws Exception {
        String before = serial();
        controlPlane.send(new Wire.Down.Rotate("test"));
        await().until(() -> !serial().equals(before));
        String after = serial();
        await().until(() -> controlPlane.hellos.stream()
                .anyMatch(hello -> hello.certificateSerial().equals(after)));
        await().until(() -> controlPlane.acks.stream()
                .anyMatch(ack -> ack.certificateSerial().equals(after) && ack.revision() == 1));
        assertThat(new SvidStore(sidecar.state.identity())
                        .load()
                        .orElseThrow()
                        .svid()
                        .serial())
                .isEqualTo(after);
        assertThat(controlPlane.renewalCallers).containsOnly(mesh.id("orders").toString());
        assertThat(sidecar.member.renewals()).isEqualTo(1);
    }

    @Test
    void everythingInTheStateFolderIsForItsOwnerOnly() throws Exception {
        String before = serial();
        controlPlane.send(new Wire.Down.Rotate("test"));
        await().until(() -> controlPlane.hellos.stream()
                .anyMatch(hello -> !hello.certificateSerial().equals(before)));
        controlPlane.renewalStatus = Optional.of(500);
        controlPlane.send(new Wire.Down.Rotate("leaves a pending key"));
        await().until(() -> sidecar.member.renewalFailures() > 0);
        AuditLog.open(
                        sidecar.state.audit(),
                        AuditLog.Settings.of("orders/test").withSegmentBytes(1 << 20),
                        Clock.systemUTC())
                .close();
        sidecar.state.newSecret("admin-token");
        List<String> names = new ArrayList<>();
        try (Stream<Path> all = Files.walk(sidecar.state.root())) {
            for (Path path : all.toList()) {
                names.add(String.valueOf(path.getFileName()));
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                        .as(path.toString())
                        .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
            }
        }
        assertThat(names)
                .contains(
                        "svid.key", "svid.pem", "pending.jwk", "renew-at", "control-plane.json", "lock", "admin-token");
    }

    @Test
    void failedRenewalKeepsTheCertificateAndRetriesWithTheSameKey() throws Exception {
        String before = serial();
        controlPlane.renewalStatus = Optional.of(500);
        controlPlane.send(new Wire.Down.Rotate("test"));
        Wire.Renewal first = controlPlane.renewals.poll(5, TimeUnit.SECONDS);
        await().until(() -> sidecar.member.renewalFailures() == 1);
        assertThat(serial()).isEqualTo(before);
        Path pending = sidecar.state.identity().resolve("pending.jwk");
        assertThat(pending).exists();
        controlPlane.renewalStatus = Optional.empty();
        controlPlane.send(new Wire.Down.Rotate("again"));
        await().until(() -> !serial().equals(before));
        Wire.Renewal second = controlPlane.renewals.poll(5, TimeUnit.SECONDS);
        assertThat(publicKey(second)).isEqualTo(publicKey(first));
        await().until(() -> !Files.exists(pending)); // Deleted after the certificate is in force, not before.
    }

    @Test
    void certificateForAnotherIdentityIsRefused() throws Exception {
        String before = serial();
        controlPlane.renewAs = Optional.of(mesh.id("payment"));
        controlPlane.send(new Wire.Down.Rotate("test"));
        await().until(() -> sidecar.member.renewalFailures() == 1);
        assertThat(serial()).isEqualTo(before);
        assertThat(sidecar.member.svid().serial()).isEqualTo(before);
    }

    /** The CSR's DER up to the signature, which differs each time: subject, key, attributes. */
    private static String publicKey(Wire.Renewal renewal) {
        String base64 =
                renewal.csrPem().lines().filter(line -> !line.startsWith("-")).reduce("", String::concat);
        return base64.substring(8, 100);
    }
}
