package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.TrustBundle;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole rotations over real streams, with sidecars that trust what they are told and nothing else. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RotationTest {
    private static final HostPort FRONT = new HostPort("10.0.0.8", 15006);
    private static final HostPort BACK = new HostPort("10.0.0.7", 15006);
    private static final Duration WITHIN = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private TestMesh mesh;
    private FollowingSidecar front;
    private FollowingSidecar back;

    @BeforeEach
    void start() throws Exception {
        mesh = TestMesh.withFolder(folder);
        front = FollowingSidecar.join(mesh, mesh.joinFile("front"), FRONT);
        back = FollowingSidecar.join(mesh, mesh.joinFile("back"), BACK);
    }

    @AfterEach
    void stop() {
        front.close();
        back.close();
        mesh.close();
    }

    private HttpResponse<String> rotate(String body) throws Exception {
        return mesh.api("POST", "/v1/ca/rotate", body);
    }

    private String phase() throws Exception {
        return mesh.get("/v1/ca").at("/rotation/phase").asText();
    }

    private void awaitPhase(String phase) {
        await().atMost(WITHIN).untilAsserted(() -> assertThat(phase()).isEqualTo(phase));
    }

    /** To the end, past the time that requests under way are given. */
    private void awaitEnd(String phase) {
        await().atMost(WITHIN).untilAsserted(() -> {
            assertThat(phase()).isIn("re-issue", "return", "withdraw", phase);
            assertThat(missing()).isEmpty();
        });
        mesh.clock.move(Duration.ofSeconds(6));
        awaitPhase(phase);
    }

    private JsonNode missing() throws Exception {
        return mesh.get("/v1/ca").at("/rotation/gate/missing");
    }

    @Test
    void rootIsReplacedWhileEverybodyStaysConnected() throws Exception {
        TrustBundle old = mesh.bundle();
        String oldFront = front.svid().serial();
        assertThat(rotate("{\"subject\":\"root\"}").statusCode()).isEqualTo(200);
        awaitEnd("done");
        mesh.reconnectAdministrator();

        TrustBundle now = mesh.bundle();
        assertThat(now.authorities()).hasSize(1).doesNotContainAnyElementsOf(old.authorities());
        await().atMost(WITHIN).untilAsserted(() -> {
            assertThat(front.bundle()).isEqualTo(now);
            assertThat(back.bundle()).isEqualTo(now);
        });
        assertThat(front.svid().serial()).isNotEqualTo(oldFront);
        assertThat(mesh.get("/v1/sidecars").path("sidecars"))
                .hasSize(2)
                .allMatch(sidecar -> sidecar.path("connected").asBoolean());
        assertThat(TestMesh.JSON
                        .readTree(Files.readString(mesh.controlPlane.adminFile()))
                        .path("trustBundle")
                        .asText())
                .isEqualTo(now.toPem());
        assertThat(mesh.state().resolve("ca/1")).doesNotExist();
        assertThat(front.problems).isEmpty();
        assertThat(back.problems).isEmpty();
        assertThat(mesh.get("/v1/certificate-events").path("events"))
                .filteredOn(event -> event.path("kind").asText().equals("authority"))
                .anySatisfy(event -> {
                    assertThat(event.path("actor").asText()).isNotEmpty();
                    assertThat(event.path("detail").asText())
                            .startsWith("rotation.stage: ")
                            .contains("begins to replace the root");
                })
                .anySatisfy(event -> assertThat(event.path("detail").asText()).startsWith("rotation.done: "));
        JsonNode ca = mesh.get("/v1/ca");
        assertThat(ca.path("active").asInt()).isEqualTo(2);
        assertThat(ca.path("holders")).hasSize(2);

        mesh.restart();
        assertThat(mesh.bundle()).isEqualTo(now);
    }

    @Test
    void intermediateIsReplacedAndTheBundleStays() throws Exception {
        TrustBundle root = mesh.bundle();
        var oldIssuer = front.svid().chain().get(1);
        assertThat(rotate("{\"subject\":\"intermediate\"}").statusCode()).isEqualTo(200);
        awaitEnd("done");
        assertThat(mesh.bundle()).isEqualTo(root);
        assertThat(front.svid().chain().get(1)).isNotEqualTo(oldIssuer);
        assertThat(back.svid().chain().get(1)).isEqualTo(front.svid().chain().get(1));
        assertThat(front.problems).isEmpty();
        assertThat(back.problems).isEmpty();
    }

    @Test
    void rotationGoesOnAfterARestartInEachStateThatWaits() throws Exception {
        back.answersCanaries = false;
        back.renews = false;
        rotate("{\"subject\":\"root\"}");
        awaitPhase("distribute");
        mesh.restart();
        assertThat(phase()).isEqualTo("distribute");
        assertThat(mesh.bundle().authorities()).hasSize(2);
        awaitMissing("back/" + back.instance, "has not answered yet");

        back.answersCanaries = true;
        assertThat(mesh.api("POST", "/v1/ca/continue", "{\"rotation\":9}").body())
                .contains("rotation 9 is over");
        assertThat(mesh.api("POST", "/v1/ca/continue", "{\"rotation\":1}").statusCode())
                .isEqualTo(200);
        awaitPhase("re-issue");
        mesh.restart();
        assertThat(phase()).isEqualTo("re-issue");
        awaitMissing("back/" + back.instance, "has no new certificate yet");

        assertThat(mesh.api("POST", "/v1/ca/abort", "{}").statusCode()).isEqualTo(200);
        assertThat(phase()).isEqualTo("return");
        mesh.restart();
        assertThat(phase()).isIn("return", "withdraw", "aborted");
        awaitEnd("aborted");
        await().atMost(WITHIN).untilAsserted(() -> {
            assertThat(front.bundle().authorities())
                    .as(front.problems + " " + back.problems)
                    .hasSize(1);
            assertThat(back.bundle()).isEqualTo(front.bundle());
        });
        assertThat(mesh.get("/v1/ca").path("active").asInt()).isEqualTo(1);
    }

    private void awaitMissing(String name, String reason) {
        await().atMost(WITHIN).untilAsserted(() -> {
            assertThat(missing()).hasSize(1);
            assertThat(missing().get(0).path("name").asText()).isEqualTo(name);
            assertThat(missing().get(0).path("reason").asText()).isEqualTo(reason);
        });
    }

    @Test
    void oldJoinFileIsGoodAsLongAsItsRootIsTrusted() throws Exception {
        JoinFile first = mesh.joinFile("spare");
        JoinFile second = mesh.joinFile("spare");
        back.renews = false;
        rotate("{\"subject\":\"root\"}");
        awaitPhase("re-issue");
        try (FollowingSidecar spare = FollowingSidecar.join(mesh, first, new HostPort("10.0.0.9", 15006))) {
            await().atMost(WITHIN)
                    .untilAsserted(() -> assertThat(spare.svid().chain().get(1))
                            .isEqualTo(front.svid().chain().get(1)));
            assertThat(spare.problems).isEmpty();
        }
        assertThat(mesh.joinFile("spare").trustBundle().authorities())
                .as("a new one knows both")
                .hasSize(2);
        back.renews = true;
        mesh.api("POST", "/v1/ca/continue", "{\"exclude\":[\"spare\"]}");
        awaitEnd("done");
        assertThatThrownBy(() -> FollowingSidecar.join(mesh, second, new HostPort("10.0.0.9", 15006)))
                .hasMessageContaining("unknown issuer");
    }

    @Test
    void oldContextIsGoodAsLongAsItsRootIsTrustedAndIsToldOfTheNewOne() throws Exception {
        HttpClient administrator = mesh.client(mesh.adminKeys()); // Knows the first root alone, for good.
        String before = bundleHeader(administrator);
        back.renews = false;
        rotate("{\"subject\":\"root\"}");
        awaitPhase("re-issue");
        assertThat(bundleHeader(administrator))
                .isNotEqualTo(before)
                .isEqualTo(mesh.bundle().digest());
        JsonNode told =
                TestMesh.JSON.readTree(get(administrator, "/v1/trust-bundle").body());
        assertThat(told.path("trustBundle").asText()).isEqualTo(mesh.bundle().toPem());
        assertThat(told.path("trustDomain").asText()).isEqualTo("small.example");

        HttpClient fresh = mesh.client(mesh.adminKeys());
        back.renews = true;
        mesh.api("POST", "/v1/ca/continue", "{}");
        awaitEnd("done");
        assertThat(get(fresh, "/v1/ca").statusCode()).isEqualTo(200);
        HttpClient late = mesh.client(List.of(front.join.trustBundle()), mesh.adminKeys());
        assertThatThrownBy(() -> get(late, "/v1/ca")).hasMessageContaining("unknown issuer");
    }

    private String bundleHeader(HttpClient client) throws Exception {
        return get(client, "/v1/status")
                .headers()
                .firstValue("sallyport-trust-bundle")
                .orElse("");
    }

    private HttpResponse<String> get(HttpClient client, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(TestMesh.uri(mesh.controlPlane.api(), path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void whoIsLeftBehindIsCutOffAndOthersAreNot() throws Exception {
        TestSidecar silent = mesh.enrolled("spare");
        try (TestSidecar.Stream stream = silent.open(new HostPort("10.0.0.9", 15006))) {
            stream.snapshot();
            assertThat(rotate("{\"subject\":\"root\",\"exclude\":[\"spare/" + silent.instance + "\"]}")
                            .statusCode())
                    .isEqualTo(200);
            awaitEnd("done");
            assertThat(stream.ended()).isTrue();
        }
        mesh.reconnectAdministrator();
        await().atMost(WITHIN)
                .untilAsserted(() -> assertThat(
                                mesh.get("/v1/status").at("/sidecars/connected").asInt())
                        .isEqualTo(2));
        assertThat(front.problems).isEmpty();
    }

    @Test
    void canaryIsAskedForBehindTheSnapshotThatItNeeds() throws Exception {
        TestSidecar raw = mesh.enrolled("spare");
        try (TestSidecar.Stream stream = raw.open(new HostPort("10.0.0.9", 15006))) {
            rotate("{\"subject\":\"root\"}");
            boolean knowsBoth = false;
            Wire.Down message = stream.next(Wire.Down.class);
            while (!(message instanceof Wire.Down.Try asked)) {
                if (message instanceof Wire.Down.Snapshot snapshot) {
                    knowsBoth = raw.verified(snapshot)
                                    .trust()
                                    .bundles()
                                    .getFirst()
                                    .authorities()
                                    .size()
                            == 2;
                }
                message = stream.next(Wire.Down.class);
            }
            assertThat(knowsBoth).isTrue();
            assertThat(asked.authority()).isEqualTo("2");
        }
    }

    @Test
    void canaryIsShortLivedStandsInTheInventoryAndCannotBeRenewed() throws Exception {
        TestSidecar raw = mesh.enrolled("spare");
        assertThat(raw.canary("2").statusCode()).as("nothing is staged").isEqualTo(403);
        rotate("{\"subject\":\"root\"}");
        assertThat(raw.canary("1").statusCode()).as("not the one that signs").isEqualTo(403);
        TestSidecar holder = raw.holding(TestSidecar.issued(raw.canary("2")));
        assertThat(Duration.between(holder.svid().notBefore(), holder.svid().notAfter()))
                .isLessThanOrEqualTo(Duration.ofMinutes(16));
        assertThat(holder.svid().id()).isEqualTo(raw.svid().id());
        JsonNode lines = mesh.get("/v1/certificates").path("certificates");
        assertThat(lines)
                .anySatisfy(line -> {
                    assertThat(line.path("serial").asText())
                            .isEqualTo(holder.svid().serial());
                    assertThat(line.path("method").asText()).isEqualTo("canary");
                    assertThat(line.path("generation").asInt()).isEqualTo(2);
                    assertThat(line.path("current").asBoolean()).isFalse();
                })
                .anySatisfy(line -> {
                    assertThat(line.path("serial").asText())
                            .isEqualTo(raw.svid().serial());
                    assertThat(line.path("current").asBoolean()).isTrue();
                });
        var refused = holder.tryRenew(dev.sallyport.identity.CertificateSigningRequest.newKeyPair());
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(new String(refused.body(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("is a canary");
    }

    @Test
    void resultOfACanaryCountsForTheSpeakersIdentityAlone() throws Exception {
        TestSidecar stranger = mesh.enrolled("spare");
        back.answersCanaries = false;
        rotate("{\"subject\":\"root\"}");
        assertThat(stranger.canaryResult(back.instance, "2")).isEqualTo(403);
        await().atMost(WITHIN)
                .untilAsserted(() -> assertThat(missing())
                        .anyMatch(line -> line.path("name").asText().equals("back/" + back.instance)));
        assertThat(stranger.canaryResult(stranger.instance, "7")).isEqualTo(404);
    }

    @Test
    void badRequestsAreNamedAndChangeNothing() throws Exception {
        assertThat(rotate("{}").body()).contains("subject");
        assertThat(rotate("{\"subject\":\"leaf\"}").statusCode()).isEqualTo(400);
        assertThat(rotate("{\"subject\":\"authority\"}").body()).contains("to");
        assertThat(rotate("{\"subject\":\"root\",\"to\":\"vault\"}").body()).contains("vault-leaf");
        assertThat(rotate("{\"subject\":\"root\",\"to\":\"vault-leaf\"}").body())
                .contains("sallyport vault setup");
        assertThat(rotate("{\"subject\":\"root\",\"exclude\":[\"nobody\"]}").statusCode())
                .isEqualTo(409);
        assertThat(mesh.api("POST", "/v1/ca/abort", "{}").statusCode()).isEqualTo(409);
        assertThat(mesh.api("POST", "/v1/ca/continue", "{}").statusCode()).isEqualTo(409);
        assertThat(mesh.bundle().authorities()).hasSize(1);
        assertThat(front.problems).isEmpty();
    }

    @Test
    void endOfRootAndIntermediateIsMeasured() throws Exception {
        String metrics = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(
                                        java.net.URI.create("http://" + mesh.controlPlane.monitoring() + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        assertThat(metrics)
                .containsPattern("sallyport_authority_certificate_expires_seconds\\{kind=\"root\"\\} 3\\.1")
                .containsPattern("sallyport_authority_certificate_expires_seconds\\{kind=\"intermediate\"\\} 3\\.1");
    }
}
