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
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets a first certificate, and the lineage of those that follow. */
class EnrolmentTest {
    @TempDir
    static Path folder;

    private static final HostPort ADDRESS = new HostPort("10.0.0.9", 15006);

    private static TestMesh mesh;

    @BeforeAll
    static void start() throws Exception {
        mesh = TestMesh.withFolder(folder);
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    @AfterEach
    void resetClock() {
        mesh.clock.reset();
    }

    @Test
    void joinTokenGivesACertificateOfTheIdentityThatItIsBoundTo() throws Exception {
        TestSidecar back = mesh.sidecar("back");
        Wire.Issued issued = back.enrol();
        assertThat(back.svid().id()).hasToString("spiffe://small.example/sa/back");
        assertThat(issued.renewAt())
                .isBetween(back.svid().notBefore(), back.svid().notAfter());
    }

    @Test
    void unknownTokenIsRefused() throws Exception {
        HttpResponse<byte[]> answer =
                mesh.sidecar("back").tryEnrol("no-such-token", CertificateSigningRequest.newKeyPair());
        assertRefused(answer, "unknown");
    }

    @Test
    void expiredTokenIsRefused() throws Exception {
        TestSidecar late = mesh.sidecar("back");
        mesh.clock.move(Duration.ofMinutes(61));
        assertRefused(late.tryEnrol(late.join.token(), late.keys), "expired");
    }

    @Test
    void sameKeyMayRepeatForTenMinutesAndNotLonger() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        assertThat(back.tryEnrol(back.join.token(), back.keys).statusCode()).isEqualTo(200);
        mesh.clock.move(Duration.ofMinutes(11));
        assertRefused(back.tryEnrol(back.join.token(), back.keys), "used at");
    }

    @Test
    void useByAnotherKeyIsRefusedAndEndsTheToken() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        assertRefused(back.tryEnrol(back.join.token(), CertificateSigningRequest.newKeyPair()), "another key");
        assertRefused(back.tryEnrol(back.join.token(), back.keys), "revoked");
    }

    @Test
    void garbageInPlaceOfARequestIsRefused() throws Exception {
        TestSidecar back = mesh.sidecar("back");
        byte[] body = Wire.encode(new Wire.Enrolment(
                Wire.JOIN_TOKEN,
                back.join.token(),
                "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
                "i"));
        HttpResponse<byte[]> answer = mesh.client()
                .send(
                        TestSidecar.post(mesh.controlPlane.enrolment(), "/v1/enrol", body),
                        HttpResponse.BodyHandlers.ofByteArray());
        assertRefused(answer, "csrPem");
        assertThat(back.tryEnrol(back.join.token(), back.keys).statusCode())
                .as("the token is still good")
                .isEqualTo(200);
    }

    @Test
    void renewalKeepsTheIdentityAndTakesANewKey() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        KeyPair next = CertificateSigningRequest.newKeyPair();
        Wire.Issued issued = TestSidecar.issued(back.tryRenew(next));
        X509Svid renewed = X509Svid.of(Pem.certificates(issued.chainPem()), next.getPrivate());
        assertThat(renewed.id()).isEqualTo(back.svid().id());
        assertThat(renewed.serial()).isNotEqualTo(back.svid().serial());
        assertRefused(back.tryRenew(back.keys), "new key");
    }

    @Test
    void aSerialRenewsOnceButARetryWithTheSameKeyIsTheSameRenewal() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        KeyPair next = CertificateSigningRequest.newKeyPair();
        assertThat(back.tryRenew(next).statusCode()).isEqualTo(200);
        assertThat(back.tryRenew(next).statusCode()).isEqualTo(200);
        double alarms = alarms();
        assertRefused(back.tryRenew(CertificateSigningRequest.newKeyPair()), "renewed before with another key");
        assertThat(alarms()).isEqualTo(alarms + 1);
    }

    @Test
    void aSecondRenewalByAnotherKeySuspendsTheWholeLineage() throws Exception {
        TestSidecar thief = mesh.enrolled("back");
        TestSidecar stranger = mesh.enrolled("back");
        TestSidecar honest = thief.copy();
        honest.renew();
        try (TestSidecar.Stream stream = honest.open(ADDRESS)) {
            stream.snapshot();
            assertRefused(thief.tryRenew(CertificateSigningRequest.newKeyPair()), "suspended");
            assertThat(stream.ended()).isTrue();
        }
        assertRefused(honest.tryRenew(CertificateSigningRequest.newKeyPair()), "revoked");
        assertThat(honest.open(ADDRESS).answer.statusCode()).isEqualTo(403);
        assertRefused(thief.tryEnrol(thief.join.token(), thief.keys), "revoked");
        assertThat(stranger.tryRenew(CertificateSigningRequest.newKeyPair()).statusCode())
                .as("another lineage of the same identity")
                .isEqualTo(200);
    }

    @Test
    void useOfATokenByAnotherKeyRevokesWhatWasIssuedThroughItAlsoAfterTheWindow() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        back.renew();
        try (TestSidecar.Stream stream = back.open(ADDRESS)) {
            stream.snapshot();
            double alarms = alarms();
            mesh.clock.move(Duration.ofMinutes(11));
            assertRefused(back.tryEnrol(back.join.token(), CertificateSigningRequest.newKeyPair()), "another key");
            assertThat(alarms()).isEqualTo(alarms + 1);
            assertThat(stream.ended()).isTrue();
        }
        assertRefused(back.tryRenew(CertificateSigningRequest.newKeyPair()), "revoked");
        assertThat(back.open(ADDRESS).answer.statusCode()).isEqualTo(403);
    }

    @Test
    void answersToOneTokenAreBoundedWithoutAnAlarm() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        double alarms = alarms();
        for (int i = 1; i < 10; i++) {
            TestSidecar.issued(back.tryEnrol(back.join.token(), back.keys));
        }
        assertRefused(back.tryEnrol(back.join.token(), back.keys), "answered 10 times");
        assertThat(alarms()).isEqualTo(alarms);
    }

    private static double alarms() throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://" + mesh.controlPlane.monitoring() + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        return answer.body()
                .lines()
                .filter(line -> line.startsWith("sallyport_issuance_alarms"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Test
    void certificatesAreListedWithTheirMethod() throws Exception {
        TestSidecar spare = mesh.enrolled("spare");
        KeyPair next = CertificateSigningRequest.newKeyPair();
        spare.hold(TestSidecar.issued(spare.tryRenew(next)), next);
        var mine = mesh.get("/v1/certificates")
                .path("certificates")
                .valueStream()
                .filter(line -> line.path("instance").asText().equals(spare.instance))
                .toList();
        assertThat(mine)
                .extracting(line -> line.path("method").asText() + " "
                        + line.path("current").asBoolean())
                .containsExactly("renewal true", "join-token false");
        assertThat(mine.getFirst().path("serial").asText())
                .isEqualTo(spare.svid().serial());
    }

    private static void assertRefused(HttpResponse<byte[]> answer, String says) {
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(body).isEqualTo(403);
        assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
        assertThat(body).contains(says);
    }
}
