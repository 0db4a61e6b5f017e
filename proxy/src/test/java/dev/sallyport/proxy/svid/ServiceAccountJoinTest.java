package dev.sallyport.proxy.svid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sallyport.contract.JoinFile;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.testing.FakeControlPlane;
import dev.sallyport.proxy.testing.TestMesh;
import dev.sallyport.proxy.testing.TestSidecar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sidecar in a pod: joined with its service account's token, and again when the control plane wants it. */
class ServiceAccountJoinTest {
    private static final Duration WAIT = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private TestMesh mesh;
    private FakeControlPlane controlPlane;
    private Path token;
    private Path joinFile;

    @BeforeEach
    void start() throws Exception {
        mesh = new TestMesh(folder.resolve("authority"));
        controlPlane = new FakeControlPlane(mesh);
        controlPlane.publish(mesh.signed(mesh.snapshot(1)));
        controlPlane.serviceAccountTokens.add("token-1");
        token = Files.writeString(folder.resolve("token"), "token-1\n");
        joinFile = Files.write(
                folder.resolve("mesh.json"), joinFile().withoutToken().toBytes());
    }

    @AfterEach
    void stop() {
        controlPlane.close();
    }

    private JoinFile joinFile() {
        return mesh.joinFile(controlPlane.sidecarsAddress(), controlPlane.enrolmentAddress(), TestMesh.TOKEN);
    }

    private TestSidecar joined(Optional<Path> file) throws Exception {
        return new TestSidecar(folder.resolve("state"), file, Optional.of(token), WAIT);
    }

    private static String serial(TestSidecar sidecar) {
        return sidecar.publisher.source().svid().map(X509Svid::serial).orElseThrow();
    }

    @Test
    void joinFileWithoutATokenIsUsedWithThePodsOwn() throws Exception {
        try (TestSidecar sidecar = joined(Optional.of(joinFile))) {
            assertThat(sidecar.member.svid().id()).isEqualTo(mesh.id("orders"));
        }
        Wire.Enrolment sent = controlPlane.enrolments.take();
        assertThat(sent.method()).isEqualTo(Wire.KUBERNETES);
        assertThat(sent.token()).isEqualTo("token-1");
        try (var kept = Files.walk(folder.resolve("state"))) {
            assertThat(kept.filter(Files::isRegularFile))
                    .noneSatisfy(file -> assertThat(file).content().contains("token-1"));
        }
    }

    @Test
    void joinFilesOwnTokenWins() throws Exception {
        Path withToken = Files.write(folder.resolve("orders.join"), joinFile().toBytes());
        joined(Optional.of(withToken)).close();
        assertThat(controlPlane.enrolments.take().method()).isEqualTo(Wire.JOIN_TOKEN);
    }

    @Test
    void withoutEitherTokenTheSidecarSaysWhatIsMissing() {
        assertThatThrownBy(() -> new TestSidecar(folder.resolve("state"), Optional.of(joinFile), WAIT))
                .isInstanceOf(JoinException.class)
                .hasMessageContaining("without a token")
                .hasMessageContaining("controlPlane.serviceAccountTokenFile");
    }

    @Test
    void tokenFileThatIsMissingIsNamedOnceTheWaitIsOver() throws Exception {
        Files.delete(token);
        assertThatThrownBy(() -> new TestSidecar(
                        folder.resolve("state"), Optional.of(joinFile), Optional.of(token), Duration.ofSeconds(1)))
                .isInstanceOf(JoinException.class)
                .hasMessageContaining("controlPlane.serviceAccountTokenFile: " + token);
    }

    @Test
    void sidecarThatLostItsCertificateJoinsAgainWithWhatItRemembers() throws Exception {
        joined(Optional.of(joinFile)).close();
        for (String part : new String[] {"svid.pem", "svid.key", "renew-at"}) {
            Files.deleteIfExists(folder.resolve("state/identity").resolve(part));
        }
        Files.writeString(token, "token-2");
        controlPlane.serviceAccountTokens.add("token-2");
        try (TestSidecar again = joined(Optional.empty())) {
            assertThat(again.member.svid().id()).isEqualTo(mesh.id("orders"));
        }
    }

    @Test
    void renewalThatIsNoLongerEnoughLeadsToAnEnrolmentWithTheTokenOfNow() throws Exception {
        try (TestSidecar sidecar = joined(Optional.of(joinFile)).start()) {
            await().until(() -> sidecar.revision() == 1);
            String before = serial(sidecar);
            controlPlane.enrolments.clear();
            controlPlane.renewalCode = Optional.of(Wire.ATTEST_AGAIN);
            Files.writeString(token, "token-2");
            controlPlane.serviceAccountTokens.add("token-2");
            controlPlane.send(new Wire.Down.Rotate("test"));
            await().until(() -> !serial(sidecar).equals(before));
            assertThat(controlPlane.enrolments.take().token()).isEqualTo("token-2");
            assertThat(sidecar.member.renewals()).isEqualTo(1);
            controlPlane.renewalCode = Optional.empty();
            String second = serial(sidecar);
            controlPlane.send(new Wire.Down.Rotate("test"));
            await().until(() -> !serial(sidecar).equals(second));
        }
    }

    @Test
    void anyOtherRefusalOfARenewalLeadsToNoEnrolment() throws Exception {
        try (TestSidecar sidecar = joined(Optional.of(joinFile)).start()) {
            await().until(() -> sidecar.revision() == 1);
            controlPlane.enrolments.clear();
            controlPlane.renewalCode = Optional.of("revoked");
            controlPlane.send(new Wire.Down.Rotate("test"));
            await().until(() -> sidecar.member.renewalFailures() == 1);
            assertThat(controlPlane.enrolments).isEmpty();
        }
    }

    @Test
    void withoutATokenFileTheCertificateStaysAndTheFailureIsCounted() throws Exception {
        Path withToken = Files.write(folder.resolve("orders.join"), joinFile().toBytes());
        try (TestSidecar sidecar = new TestSidecar(folder.resolve("state"), Optional.of(withToken), WAIT).start()) {
            await().until(() -> sidecar.revision() == 1);
            String before = serial(sidecar);
            controlPlane.renewalCode = Optional.of(Wire.ATTEST_AGAIN);
            controlPlane.send(new Wire.Down.Rotate("test"));
            await().until(() -> sidecar.member.renewalFailures() == 1);
            assertThat(serial(sidecar)).isEqualTo(before);
        }
    }
}
