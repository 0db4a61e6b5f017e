package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
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
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Renewals that are repeated, for another, or while nothing is signed. */
class RenewalTest {
    /** More than an instance may have at once. */
    private static final int MANY = 40;

    @TempDir
    private static Path folder;

    private static TestMesh mesh;

    private final KeyPair next = CertificateSigningRequest.newKeyPair();

    @BeforeAll
    static void start() throws Exception {
        mesh = TestMesh.withFolder(folder);
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    private static String serial(HttpResponse<byte[]> answer) throws Exception {
        return X509Svid.serialOf(
                Pem.certificates(TestSidecar.issued(answer).chainPem()).getFirst());
    }

    @Test
    void renewalInTheNameOfAnotherInstanceIsRefused() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        TestSidecar other = mesh.enrolled("back");
        assertRefused(back.tryRenewAs(other.instance, next), "instance");
        assertRefused(back.tryRenewAs("invented", next), "instance");
        assertThat(back.tryRenewAs(back.instance, next).statusCode()).isEqualTo(200);
    }

    @Test
    void answerThatWasLostIsGivenAgainHoweverOften() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        Set<String> serials = new HashSet<>();
        for (int count = 0; count < MANY; count++) {
            serials.add(serial(back.tryRenew(next)));
        }
        assertThat(serials).hasSize(1);
        back.hold(TestSidecar.issued(back.tryRenew(next)), next);
        assertThat(mesh.get("/v1/certificates/" + back.svid().serial()).path("lineage"))
                .hasSize(2);
        back.renew();
    }

    @Test
    void answerThatIsGivenAgainIsTheWholeOne() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        Wire.Issued first = TestSidecar.issued(back.tryRenew(next));
        Wire.Issued again = TestSidecar.issued(back.tryRenew(next));
        assertThat(again.chainPem()).isEqualTo(first.chainPem());
        assertThat(again.renewAt()).isEqualTo(first.renewAt());
    }

    @Test
    void answerIsGivenAgainWhileNothingIsSigned() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        TestSidecar late = mesh.enrolled("back");
        String lost = serial(back.tryRenew(next));
        mesh.api("POST", "/v1/drills/outage", "{\"seconds\":600}");
        assertThat(serial(back.tryRenew(next))).isEqualTo(lost);
        assertThat(late.tryRenew(next).statusCode()).as("nothing to give again").isEqualTo(503);
        mesh.api("DELETE", "/v1/drills/outage", "");
    }

    @Test
    void answerThatWasRevokedOrRenewedIsNotGivenAgain() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        String first = serial(back.tryRenew(next));
        assertThat(mesh.api("POST", "/v1/revocations", "{\"serial\":\"" + first + "\",\"reason\":\"r\"}")
                        .statusCode())
                .isEqualTo(200);
        Wire.Issued second = TestSidecar.issued(back.tryRenew(next));
        back.showing(second, next).renew();
        String third = serial(back.tryRenew(next));
        assertThat(Set.of(
                        first,
                        X509Svid.serialOf(Pem.certificates(second.chainPem()).getFirst()),
                        third))
                .hasSize(3);
    }

    @Test
    void attemptsDuringAnOutageDoNotCountWhenItIsOver() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        mesh.api("POST", "/v1/drills/outage", "{\"seconds\":600}");
        for (int count = 0; count < MANY; count++) {
            assertThat(back.tryRenew(next).statusCode()).isEqualTo(503);
        }
        mesh.api("DELETE", "/v1/drills/outage", "");
        assertThat(back.tryRenew(next).statusCode()).isEqualTo(200);
    }

    @Test
    void requestsThatAreRefusedTakeNothingOfTheInstance() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        byte[] garbage = Wire.encode(new Wire.Renewal(
                "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", back.instance));
        for (int count = 0; count < MANY; count++) {
            assertRefused(back.ask(MeshNames.RENEW_PATH, garbage), "csrPem");
        }
        back.renew();
    }

    @Test
    void renewalsOfOneInstanceAreBounded() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        KeyPair key = CertificateSigningRequest.newKeyPair();
        HttpResponse<byte[]> answer = back.tryRenew(key);
        for (int count = 0; count < MANY && answer.statusCode() == 200; count++) {
            back.hold(TestSidecar.issued(answer), key);
            key = CertificateSigningRequest.newKeyPair();
            answer = back.tryRenew(key);
        }
        assertThat(answer.statusCode()).isEqualTo(429);
    }

    @Test
    void whatAStrangerSaysIsNotCountedAsARenewal() throws Exception {
        TestSidecar stranger = mesh.sidecar("back");
        double renewals = refused("renewal");
        double unknown = refused("unknown");
        for (String method : Set.of("renewal", "canary", "kubernetes")) {
            assertThat(stranger.tryEnrol(method, "x", stranger.keys).statusCode())
                    .isEqualTo(403);
        }
        assertThat(refused("renewal")).isEqualTo(renewals);
        assertThat(refused("unknown")).isEqualTo(unknown + 3);
        double tokens = refused("join-token");
        stranger.tryEnrol("join-token", "x", stranger.keys);
        assertThat(refused("join-token")).isEqualTo(tokens + 1);
    }

    private static double refused(String method) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://" + mesh.controlPlane.monitoring() + "/metrics");
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(
                            "sallyport_certificates_total{method=\"" + method + "\",outcome=\"refused\""))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                    .sum();
        }
    }

    private static void assertRefused(HttpResponse<byte[]> answer, String says) {
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(body).isEqualTo(403);
        assertThat(body).contains(says);
    }
}
