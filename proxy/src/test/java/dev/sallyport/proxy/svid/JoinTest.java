package dev.sallyport.proxy.svid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.contract.JoinFile;
import dev.sallyport.document.HostPort;
import dev.sallyport.proxy.testing.FakeControlPlane;
import dev.sallyport.proxy.testing.TestMesh;
import dev.sallyport.proxy.testing.TestSidecar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JoinTest {
    private static final Duration SOON = Duration.ofSeconds(1);

    @TempDir
    private Path folder;

    private TestMesh mesh;
    private FakeControlPlane controlPlane;

    @BeforeEach
    void start() {
        mesh = new TestMesh(folder.resolve("authority"));
        controlPlane = new FakeControlPlane(mesh);
    }

    @AfterEach
    void stop() {
        controlPlane.close();
    }

    private JoinFile joinFile(String token) {
        return mesh.joinFile(controlPlane.sidecarsAddress(), controlPlane.enrolmentAddress(), token);
    }

    private static void refused(JoinException.Kind kind, String message, ThrowingCallable joining) {
        assertThatThrownBy(joining)
                .isInstanceOfSatisfying(
                        JoinException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(message);
    }

    @Test
    void goodTokenYieldsTheIdentityOfTheJoinFile() throws Exception {
        try (TestSidecar sidecar = TestSidecar.joining(folder, joinFile(TestMesh.TOKEN))) {
            assertThat(sidecar.publisher.source().svid())
                    .hasValueSatisfying(svid -> assertThat(svid.id()).isEqualTo(mesh.id("orders")));
            Path key = sidecar.state.identity().resolve("svid.key");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                    .isEqualTo("rw-------");
            assertThat(sidecar.state.identity().resolve("renew-at")).exists();
        }
    }

    @Test
    void tokenIsNotKeptAfterEnrolment() throws Exception {
        try (TestSidecar sidecar = TestSidecar.joining(folder, joinFile(TestMesh.TOKEN))) {
            assertThat(Files.readString(sidecar.state.root().resolve("control-plane.json")))
                    .doesNotContain(TestMesh.TOKEN);
        }
    }

    @Test
    void unknownTokenIsFinalAndSaysWhy() {
        refused(
                JoinException.Kind.REFUSED,
                "join token unknown",
                () -> TestSidecar.joining(folder, joinFile("another")));
    }

    @Test
    void usedTokenIsRefusedForAnotherKey() throws Exception {
        TestSidecar.joining(folder, joinFile(TestMesh.TOKEN)).close();
        Path second = Files.createDirectory(folder.resolve("second"));
        refused(
                JoinException.Kind.REFUSED,
                "join token used already",
                () -> TestSidecar.joining(second, joinFile(TestMesh.TOKEN)));
    }

    @Test
    void workloadInThePlaceOfTheControlPlaneIsNeverGivenTheToken() {
        try (FakeControlPlane impostor = new FakeControlPlane(mesh, mesh.id("payment"))) {
            JoinFile join = mesh.joinFile(impostor.sidecarsAddress(), impostor.enrolmentAddress(), TestMesh.TOKEN);
            refused(
                    JoinException.Kind.TIMEOUT,
                    "expected: " + mesh.controlPlane(),
                    () -> TestSidecar.joining(folder, join, SOON));
        }
    }

    @Test
    void controlPlaneOfAnotherAuthorityIsNotBelieved() throws Exception {
        TestMesh stranger = new TestMesh(Files.createDirectory(folder.resolve("stranger")));
        try (FakeControlPlane other = new FakeControlPlane(stranger)) {
            JoinFile join = mesh.joinFile(other.sidecarsAddress(), other.enrolmentAddress(), TestMesh.TOKEN);
            refused(JoinException.Kind.TIMEOUT, "TLS handshake", () -> TestSidecar.joining(folder, join, SOON));
        }
    }

    @Test
    void nobodyThereEndsTheWaitWithASentence() {
        JoinFile join = mesh.joinFile(new HostPort("127.0.0.1", 1), new HostPort("127.0.0.1", 1), TestMesh.TOKEN);
        refused(JoinException.Kind.TIMEOUT, "not joined within 1 s", () -> TestSidecar.joining(folder, join, SOON));
    }

    @Test
    void joinFileMayAppearLater() throws Exception {
        Path file = folder.resolve("late.join");
        CompletableFuture<TestSidecar> joining = CompletableFuture.supplyAsync(() -> {
            try {
                return new TestSidecar(folder.resolve("state"), Optional.of(file), Duration.ofSeconds(20));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(joining).isNotDone();
        Files.write(file, joinFile(TestMesh.TOKEN).toBytes());
        try (TestSidecar sidecar = joining.get()) {
            assertThat(sidecar.publisher.source().svid()).isPresent();
        }
    }

    @Test
    void joinFileThatNeverAppearsEndsTheWait() {
        refused(
                JoinException.Kind.TIMEOUT,
                "did not appear within 0 s",
                () -> new TestSidecar(
                        folder.resolve("state"), Optional.of(folder.resolve("none.join")), Duration.ofMillis(200)));
    }

    @Test
    void withoutJoinFileAndWithoutMemoryThereIsNothingToJoinWith() {
        refused(
                JoinException.Kind.INVALID,
                "controlPlane.joinTokenFile: missing",
                () -> TestSidecar.restarting(folder));
    }

    @Test
    void damagedJoinFileIsRefusedByName() throws Exception {
        Path file = Files.writeString(folder.resolve("bad.join"), "{\"mesh\":");
        refused(
                JoinException.Kind.INVALID,
                "join file " + file,
                () -> new TestSidecar(folder.resolve("state"), Optional.of(file), Duration.ofSeconds(3)));
    }

    @Test
    void joinFileOfAnotherServiceIsRefused() throws Exception {
        JoinFile orders = joinFile(TestMesh.TOKEN);
        JoinFile payment = new JoinFile(
                orders.mesh(),
                "payment",
                mesh.id("payment"),
                orders.controlPlane(),
                orders.enrolment(),
                orders.trustBundle(),
                orders.rootKeys(),
                orders.token(),
                orders.expires());
        refused(
                JoinException.Kind.INVALID,
                "service: orders (expected: payment",
                () -> TestSidecar.joining(folder, payment));
    }

    @Test
    void restartGoesOnWithTheStoredCertificateWhileTheControlPlaneIsDown() throws Exception {
        String serial;
        try (TestSidecar sidecar = TestSidecar.joining(folder, joinFile(TestMesh.TOKEN))) {
            serial = sidecar.member.svid().serial();
        }
        controlPlane.close();
        try (TestSidecar again = TestSidecar.restarting(folder)) {
            assertThat(again.member.svid().serial()).isEqualTo(serial);
        }
    }

    @Test
    void stateFolderOfAnotherIdentityIsRefused() throws Exception {
        TestSidecar.joining(folder, joinFile(TestMesh.TOKEN)).close();
        JoinFile orders = joinFile(TestMesh.TOKEN);
        JoinFile moved = new JoinFile(
                orders.mesh(),
                "orders",
                mesh.id("payment"),
                orders.controlPlane(),
                orders.enrolment(),
                orders.trustBundle(),
                orders.rootKeys(),
                orders.token(),
                orders.expires());
        refused(
                JoinException.Kind.INVALID,
                "stateDirectory belongs to " + mesh.id("orders"),
                () -> TestSidecar.joining(folder, moved));
    }

    @Test
    void storedCertificateOfAnotherAuthorityDoesNotCountAndATokenIsUsed() throws Exception {
        TestSidecar.joining(folder, joinFile(TestMesh.TOKEN)).close();
        TestMesh rebuilt = new TestMesh(Files.createDirectory(folder.resolve("rebuilt")));
        try (FakeControlPlane fresh = new FakeControlPlane(rebuilt);
                TestSidecar sidecar = TestSidecar.joining(
                        folder, rebuilt.joinFile(fresh.sidecarsAddress(), fresh.enrolmentAddress(), TestMesh.TOKEN))) {
            assertThat(sidecar.publisher.source().svid()).isPresent();
        }
    }
}
