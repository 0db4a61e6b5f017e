package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.server.issuance.Certificates;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people see of certificates: the inventory, one of them, what happened. */
class CertificatesApiTest {
    @TempDir
    static Path folder;

    private static TestMesh mesh;
    private static TestSidecar back;
    private static String firstOfBack;
    private static TestSidecar spare;

    @BeforeAll
    static void start() throws Exception {
        mesh = TestMesh.withFolder(folder);
        back = mesh.enrolled("back");
        firstOfBack = back.svid().serial();
        back.renew();
        spare = mesh.enrolled("spare");
        mesh.api(
                "POST", "/v1/revocations", "{\"serial\":\"" + spare.svid().serial() + "\",\"reason\":\"laptop lost\"}");
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    @AfterEach
    void resetClock() {
        mesh.clock.reset();
    }

    private static List<String> states(String query) throws Exception {
        return mesh.get("/v1/certificates" + query)
                .path("certificates")
                .valueStream()
                .map(line -> line.path("state").asText())
                .toList();
    }

    @Test
    void listShowsWhatCountsAndAllShowsWhatDoesNot() throws Exception {
        assertThat(states("")).containsExactly("current", "replaced");
        assertThat(states("?all=true")).containsExactly("revoked", "current", "replaced");
        mesh.clock.move(Duration.ofHours(25));
        assertThat(states("")).isEmpty();
        assertThat(states("?all=true&service=back")).containsExactly("ended", "ended");
    }

    @Test
    void listIsOfOneServiceOrIdentity() throws Exception {
        String identity = URLEncoder.encode("spiffe://small.example/sa/spare", StandardCharsets.UTF_8);
        assertThat(states("?service=back")).hasSize(2);
        assertThat(states("?identity=" + identity)).isEmpty();
        assertThat(states("?all=true&identity=" + identity)).containsExactly("revoked");
        assertThat(mesh.api("GET", "/v1/certificates?service=bakc", "").statusCode())
                .isEqualTo(404);
    }

    @Test
    void oneIsShownWithAllThatItsIdentityRestsOn() throws Exception {
        JsonNode shown = mesh.get("/v1/certificates/" + back.svid().serial());
        assertThat(shown.at("/certificate/state").asText()).isEqualTo("current");
        assertThat(shown.at("/certificate/parent").asText()).isEqualTo(firstOfBack);
        assertThat(shown.path("proves").asText()).contains("held the private key of the certificate before");
        assertThat(shown.path("attestedBy").asText()).isEqualTo("join-token");
        assertThat(shown.path("attestedProves").asText()).contains("an administrator had made");
        assertThat(shown.path("issuer").asText()).isNotEmpty();
        assertThat(shown.path("lineage").findValuesAsText("serial"))
                .containsExactly(firstOfBack, back.svid().serial());
        assertThat(shown.path("events").findValuesAsText("kind")).containsExactly("renewed");
        assertThat(shown.path("revocation").isMissingNode()).isTrue();
        assertThat(mesh.api("GET", "/v1/certificates/00ff", "").body()).contains("expected: one of the inventory");
        JsonNode byDigits = mesh.get("/v1/certificates/" + back.svid().serial().substring(0, 16));
        assertThat(byDigits.at("/certificate/serial").asText())
                .isEqualTo(back.svid().serial());
    }

    @Test
    void timelineIsOfALineageSinceAMoment() throws Exception {
        JsonNode timeline = mesh.get("/v1/certificate-events?serial=" + firstOfBack);
        assertThat(timeline.path("certificates").findValuesAsText("serial"))
                .as("oldest first")
                .containsExactly(firstOfBack, back.svid().serial());
        assertThat(timeline.path("events").findValuesAsText("kind")).containsExactly("issued", "renewed");
        assertThat(timeline.at("/chain/events").asLong()).isGreaterThanOrEqualTo(4);
        assertThat(mesh.get("/v1/certificate-events?since="
                                + Instant.now().plusSeconds(60).toString())
                        .path("events"))
                .isEmpty();
        assertThat(mesh.api("GET", "/v1/certificate-events?since=yesterday", "").statusCode())
                .isEqualTo(400);
    }

    @Test
    void alteredRecordIsNoticed() throws Exception {
        String was = mesh.get("/v1/certificate-events?serial=" + firstOfBack)
                .at("/events/0/detail")
                .asText();
        setDetailOfTheFirst("nothing");
        assertThat(mesh.get("/v1/certificate-events").at("/chain/broken").asText())
                .contains("event 1 ", "altered");
        setDetailOfTheFirst(was);
        assertThat(mesh.get("/v1/certificate-events").at("/chain/broken").isMissingNode())
                .isTrue();
    }

    private static void setDetailOfTheFirst(String detail) {
        mesh.controlPlane
                .foundation()
                .store()
                .change(handle -> handle.execute("update certificate_events set detail = ? where id = 1", detail));
    }

    @Test
    void leafIsDroppedOnceNobodyNeedsItAndTheLineStaysForAuditors(@TempDir Path own) throws Exception {
        try (TestMesh other = TestMesh.withFolder(own)) {
            String path = "/v1/certificates/" + other.enrolled("front").svid().serial();
            assertThat(other.get(path).path("pem").asText()).startsWith("-----BEGIN CERTIFICATE");
            Certificates inventory =
                    new Certificates(other.controlPlane.foundation().store());
            inventory.forgetLongEnded(Instant.now().plus(Duration.ofDays(3)));
            assertThat(other.get(path).path("pem").isMissingNode()).isTrue();
            inventory.forgetLongEnded(Instant.now().plus(Duration.ofDays(92)));
            assertThat(other.api("GET", path, "").statusCode()).isEqualTo(404);
        }
    }
}
