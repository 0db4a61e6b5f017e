package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.X509Svid;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leaves of an authority that is only staged: for one handshake of who may ask, and for nothing else. */
class CanariesTest {
    private static final HostPort ADDRESS = new HostPort("10.0.0.9", 15006);
    private static final String NEXT = "2";

    @TempDir
    private Path folder;

    private TestMesh mesh;
    private TestSidecar back;
    private final KeyPair key = CertificateSigningRequest.newKeyPair();

    @BeforeEach
    void start() throws Exception {
        mesh = TestMesh.withFolder(folder);
        back = mesh.enrolled("back");
        HttpResponse<String> staged = mesh.api("POST", "/v1/ca/rotate", "{\"subject\":\"root\"}");
        assertThat(staged.statusCode()).as(staged.body()).isEqualTo(200);
    }

    @AfterEach
    void stop() {
        mesh.close();
    }

    private Wire.Issued canary() throws Exception {
        return TestSidecar.issued(back.tryCanary(back.instance, key, NEXT));
    }

    private String serial(Wire.Issued issued) throws Exception {
        return X509Svid.serialOf(Pem.certificates(issued.chainPem()).getFirst());
    }

    @Test
    void canaryGivesItsHolderNothing() throws Exception {
        TestSidecar holder = back.showing(canary(), key);
        KeyPair next = CertificateSigningRequest.newKeyPair();
        assertRefused(holder.tryRenew(next), "is a canary");
        assertRefused(holder.tryCanary(holder.instance, next, NEXT), "is a canary");
        assertRefused(holder.canaryResult(holder.instance, NEXT, Optional.empty()), "is a canary");
        assertThat(holder.open(ADDRESS).answer.statusCode()).isEqualTo(403);
        assertThat(back.tryRenew(next).statusCode())
                .as("with what the canary was asked for with")
                .isEqualTo(200);
    }

    @Test
    void canaryIsRevokedWithTheCertificateThatItWasAskedForWith() throws Exception {
        TestSidecar other = mesh.enrolled("back");
        String ofOther = serial(TestSidecar.issued(other.tryCanary(other.instance, key, NEXT)));
        String ofBack = serial(canary());
        HttpResponse<String> answer = mesh.api(
                "POST", "/v1/revocations", "{\"serial\":\"" + back.svid().serial() + "\",\"reason\":\"stolen\"}");
        assertThat(answer.body())
                .contains(back.svid().serial(), ofBack)
                .doesNotContain(other.svid().serial(), ofOther);
        assertThat(mesh.controlPlane.revocations().inForce().serials())
                .containsExactlyInAnyOrder(back.svid().serial(), ofBack);
    }

    @Test
    void alarmTakesCanariesToo() throws Exception {
        String serial = serial(canary());
        TestSidecar thief = back.copy();
        back.renew();
        assertRefused(thief.tryRenew(CertificateSigningRequest.newKeyPair()), "suspended");
        assertThat(mesh.controlPlane.revocations().inForce().serials()).contains(serial);
    }

    @Test
    void canaryIsForTheInstanceThatTheCertificateWasIssuedToAlone() throws Exception {
        TestSidecar other = mesh.enrolled("back");
        assertRefused(back.tryCanary(other.instance, key, NEXT), "instance");
        assertRefused(back.tryCanary("x y\n" + "z".repeat(10_000), key, NEXT), "instance");
        assertRefused(back.tryCanary(back.instance, key, "1"), "authority");
        assertRefused(back.canaryResult(other.instance, NEXT, Optional.empty()), "instance");
        assertRefused(back.canaryResult("nobody", NEXT, Optional.empty()), "instance");
        assertThat(other.tryCanary(other.instance, key, NEXT).statusCode()).isEqualTo(200);
        assertThat(other.canaryResult(other.instance, NEXT, Optional.empty()).statusCode())
                .isEqualTo(204);
    }

    @Test
    void canariesAreBoundedAndTakeNothingOfWhatTheirInstanceRenewsWith() throws Exception {
        int last = 200;
        for (int count = 0; count < 40 && last == 200; count++) {
            last = back.tryCanary(back.instance, key, NEXT).statusCode();
        }
        assertThat(last).isEqualTo(429);
        back.renew();
    }

    @Test
    void canariesAreCountedAndTheirRefusalsAreOnRecord() throws Exception {
        canary();
        back.tryCanary("another", key, NEXT);
        assertThat(metrics())
                .containsPattern("sallyport_certificates_total\\{method=\"canary\",outcome=\"issued\"} 1\\.0")
                .containsPattern("sallyport_certificates_total\\{method=\"canary\",outcome=\"refused\"} 1\\.0");
        assertThat(mesh.get("/v1/certificate-events?service=back")
                        .path("events")
                        .valueStream())
                .anySatisfy(event -> {
                    assertThat(event.path("kind").asText()).isEqualTo("refused");
                    assertThat(event.path("method").asText()).isEqualTo("canary");
                });
    }

    @Test
    void whatASidecarSaysOfItsCanaryIsOneLine() throws Exception {
        back.canaryResult(back.instance, NEXT, Optional.of("no\n2026-01-01 ERROR forged\u001b[31m" + "x".repeat(900)));
        assertThat(mesh.get("/v1/ca").at("/rotation/gate/missing").toString())
                .contains("no 2026-01-01 ERROR forged [31m")
                .doesNotContain("\\n", "\\u001b", "x".repeat(500));
    }

    private String metrics() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://" + mesh.controlPlane.monitoring() + "/metrics");
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static void assertRefused(HttpResponse<byte[]> answer, String says) {
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(body).isEqualTo(403);
        assertThat(body).contains(says);
    }
}
