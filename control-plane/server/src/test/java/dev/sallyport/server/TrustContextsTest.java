package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.CertificateSigningRequest;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.Certificate;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each listener trusts its own kind of certificate and no other. */
class TrustContextsTest {
    @TempDir
    static Path folder;

    private static TestMesh mesh;

    @BeforeAll
    static void start() throws Exception {
        mesh = TestMesh.withFolder(folder);
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    @Test
    void sidecarsPortRefusesWhoShowsNoCertificate() throws Exception {
        assertHandshakeFails(mesh.client(), mesh.controlPlane.sidecars());
    }

    @Test
    void sidecarsPortRefusesAPersonsCertificate() throws Exception {
        assertHandshakeFails(mesh.client(mesh.adminKeys()), mesh.controlPlane.sidecars());
    }

    @Test
    void sidecarsPortRefusesAStrangersCertificateOfTheSameName() throws Exception {
        Clock clock = Clock.systemUTC();
        EmbeddedAuthority stranger = EmbeddedAuthority.open(
                folder.resolve("stranger"),
                TestMesh.TRUST_DOMAIN,
                KeyEncryption.fromFile(folder.resolve("stranger.key")),
                clock);
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        Certificate[] chain = stranger.issue(
                        CertificateSigningRequest.der(keys), TestMesh.TRUST_DOMAIN.id("/sa/back"), Duration.ofHours(1))
                .chain()
                .toArray(Certificate[]::new);
        assertHandshakeFails(mesh.client(TestMesh.keys(chain, keys.getPrivate())), mesh.controlPlane.sidecars());
    }

    @Test
    void apiRefusesAWorkloadsCertificateAndNone() throws Exception {
        assertHandshakeFails(mesh.client(mesh.enrolled("back").keyManager()), mesh.controlPlane.api());
        assertHandshakeFails(mesh.client(), mesh.controlPlane.api());
    }

    @Test
    void enrolmentPortServesNothingElse() throws Exception {
        HttpResponse<String> answer = mesh.client()
                .send(
                        HttpRequest.newBuilder(TestMesh.uri(mesh.controlPlane.enrolment(), "/v1/stream"))
                                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("\"status\":404");
    }

    @Test
    void monitoringSaysReadyAndCounts() throws Exception {
        HttpClient plain = HttpClient.newHttpClient();
        assertThat(get(plain, "/livez").statusCode()).isEqualTo(200);
        assertThat(get(plain, "/readyz").statusCode()).isEqualTo(200);
        assertThat(get(plain, "/metrics").body())
                .contains("sallyport_config_revision_info{digest=")
                .contains("sallyport_sidecars_connected 0")
                .contains("sallyport_certificates_total{method=\"join-token\",outcome=\"issued\"}");
    }

    private static HttpResponse<String> get(HttpClient client, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(java.net.URI.create("http://" + mesh.controlPlane.monitoring() + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** With TLS 1.3 a client learns of its refused certificate at its first read. */
    private static void assertHandshakeFails(HttpClient client, HostPort address) {
        HttpRequest request = HttpRequest.newBuilder(TestMesh.uri(address, "/v1/status"))
                .timeout(Duration.ofSeconds(10))
                .build();
        assertThatThrownBy(() -> client.send(request, HttpResponse.BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
    }
}
