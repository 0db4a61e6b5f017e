package dev.sallyport.proxy.svid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.testing.FakeControlPlane;
import dev.sallyport.proxy.testing.TestMesh;
import dev.sallyport.proxy.testing.TestSidecar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole sidecar that is asked to try the authority that is to sign next. */
class CanaryTest {
    private static final String NEXT = "embedded-2";

    @TempDir
    private Path folder;

    private TestMesh mesh;
    private TestMesh next;
    private FakeControlPlane controlPlane;
    private TestSidecar sidecar;

    @BeforeEach
    void start() throws Exception {
        mesh = new TestMesh(folder.resolve("authority"));
        next = new TestMesh(folder.resolve("next"));
        controlPlane = new FakeControlPlane(mesh);
        trust(1, mesh.bundle());
        sidecar = TestSidecar.joining(
                        folder,
                        mesh.joinFile(controlPlane.sidecarsAddress(), controlPlane.enrolmentAddress(), TestMesh.TOKEN))
                .start();
        await().until(() -> sidecar.revision() == 1);
        trust(
                2,
                new TrustBundle(
                        mesh.bundle().trustDomain(),
                        List.of(
                                mesh.bundle().authorities().getFirst(),
                                next.bundle().authorities().getFirst())));
        await().until(() -> sidecar.revision() == 2);
        controlPlane.canaries = (csr, caller) -> next.chainPem(csr, caller, Duration.ZERO, Duration.ofMinutes(10));
    }

    @AfterEach
    void stop() throws Exception {
        sidecar.close();
        controlPlane.close();
    }

    private void trust(long revision, TrustBundle bundle) {
        MeshSnapshot snapshot =
                mesh.snapshot(revision, mesh.id("orders"), Instant.now().plusSeconds(3600), List.of(bundle));
        controlPlane.publish(mesh.signed(snapshot));
    }

    private Wire.CanaryResult tried() throws Exception {
        controlPlane.send(new Wire.Down.Try(NEXT));
        Optional<Wire.CanaryResult> result = Optional.ofNullable(controlPlane.canaryResults.poll(5, TimeUnit.SECONDS));
        assertThat(result).isPresent();
        assertThat(result.get().authority()).isEqualTo(NEXT);
        assertThat(result.get().instance()).isEqualTo(sidecar.state.instance());
        return result.get();
    }

    private void assertRefused(String why) throws Exception {
        assertThat(tried().refused())
                .hasValueSatisfying(refused -> assertThat(refused).contains(why));
    }

    @Test
    void canaryOfTheNextAuthorityPassesAndNothingOfItIsKept() throws Exception {
        String before = serial();
        // A file on its way to its name belongs to whatever else is written meanwhile, and is gone in a moment.
        List<Path> files = files().stream()
                .filter(file -> !file.toString().endsWith(".tmp"))
                .toList();
        assertThat(tried().refused()).isEmpty();
        assertThat(serial()).isEqualTo(before);
        await().untilAsserted(() -> assertThat(files()).isEqualTo(files));
        assertThat(tried().refused()).as("as often as it is asked for").isEmpty();
    }

    private String serial() {
        return sidecar.publisher.source().svid().map(X509Svid::serial).orElseThrow();
    }

    private List<Path> files() throws Exception {
        try (Stream<Path> all = Files.walk(sidecar.state.root())) {
            return all.sorted().toList();
        }
    }

    @Test
    void canaryOfARootThatIsNotInTheBundlesIsRefused() throws Exception {
        TestMesh stranger = new TestMesh(folder.resolve("stranger"));
        controlPlane.canaries = stranger::chainPem;
        assertRefused("certificate_untrusted");
        controlPlane.canaries = next::chainPem;
        assertThat(tried().refused()).isEmpty();
    }

    @Test
    void canaryThatBeginsLaterIsRefused() throws Exception {
        controlPlane.canaries =
                (csr, caller) -> next.chainPem(csr, caller, Duration.ofHours(1), Duration.ofMinutes(10));
        assertRefused("certificate_expired");
    }

    @Test
    void canaryOfAnotherIdentityIsRefused() throws Exception {
        controlPlane.canaries = (csr, _) -> next.chainPem(csr, next.id("payment"));
        assertRefused("canary is of " + next.id("payment"));
    }

    @Test
    void canaryWithAnotherKeyIsRefused() throws Exception {
        String foreign = CertificateSigningRequest.pem(CertificateSigningRequest.newKeyPair());
        controlPlane.canaries = (_, caller) -> next.chainPem(foreign, caller);
        assertRefused("private key of " + mesh.id("orders") + ": another one");
    }

    @Test
    void authorityThatDoesNotSignIsReported() throws Exception {
        controlPlane.canaries = (_, _) -> "";
        assertRefused("not issued: no authority " + NEXT);
    }

    @Test
    void canaryThatTheControlPlaneMakesUpIsRefused() throws Exception {
        controlPlane.canaries = (_, _) -> "no certificate\n";
        assertRefused("answer refused: ");
    }
}
