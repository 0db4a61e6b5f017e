package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.X509Svid;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which certificate somebody uses is what a handshake proves, not what somebody says. */
class ShownTest {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    @Test
    void ackOfOneInstanceShowsNoCertificateOfAnother() throws Exception {
        try (TestMesh mesh = TestMesh.withFolder(folder)) {
            TestSidecar victim = mesh.enrolled("back");
            TestSidecar liar = mesh.enrolled("front");
            try (TestSidecar.Stream stream = liar.open(new HostPort("10.0.0.9", 15006))) {
                stream.snapshot();
                mesh.api("POST", "/v1/ca/rotate", "{\"subject\":\"root\"}");
                for (TestSidecar one : List.of(victim, liar)) {
                    one.canaryResult(one.instance, "2", Optional.empty());
                }
                awaitPhase(mesh, "re-issue");
                KeyPair key = CertificateSigningRequest.newKeyPair();
                Wire.Issued lost = TestSidecar.issued(victim.tryRenew(key));
                liar.renew();
                try (TestSidecar.Stream again = liar.open(new HostPort("10.0.0.9", 15006))) {
                    again.snapshot();
                    assertThat(ack(
                                    liar,
                                    X509Svid.serialOf(
                                            Pem.certificates(lost.chainPem()).getFirst())))
                            .isEqualTo(204);
                    await().atMost(DEADLINE).until(() -> missing(mesh).equals("back/" + victim.instance));
                    mesh.api("POST", "/v1/ca/continue", "{}");
                    assertThat(missing(mesh)).isEqualTo("back/" + victim.instance);
                    victim.hold(TestSidecar.issued(victim.tryRenew(key)), key);
                    victim.open(new HostPort("10.0.0.8", 15006)).close();
                    awaitPhase(mesh, "done");
                }
            }
        }
    }

    private static int ack(TestSidecar liar, String serial) throws Exception {
        Wire.Ack ack = new Wire.Ack(liar.instance, 1, 1, "x", serial, Instant.now(), Optional.empty());
        return liar.ask(MeshNames.ACK_PATH, Wire.encode(ack)).statusCode();
    }

    private static String missing(TestMesh mesh) throws Exception {
        return String.join(
                " ",
                mesh.get("/v1/ca")
                        .at("/rotation/gate/missing")
                        .valueStream()
                        .map(one -> one.path("name").asText())
                        .toList());
    }

    private static void awaitPhase(TestMesh mesh, String phase) {
        await().atMost(DEADLINE)
                .until(() -> mesh.get("/v1/ca").at("/rotation/phase").asText().equals(phase));
    }
}
