package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Revocations;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is taken back, over the wire: at once, for everybody, and for how long. */
class RevocationTest {
    private static final HostPort ADDRESS = new HostPort("10.0.0.9", 15006);
    private static final HostPort OTHER_ADDRESS = new HostPort("10.0.0.8", 15006);
    private static final String BACK = "spiffe://small.example/sa/back";

    @TempDir
    private Path folder;

    private TestMesh mesh;

    @BeforeEach
    void start() throws Exception {
        mesh = TestMesh.withFolder(folder);
    }

    @AfterEach
    void stop() {
        mesh.close();
    }

    private HttpResponse<String> revoke(String what, String value) throws Exception {
        return mesh.api(
                "POST", "/v1/revocations", "{\"" + what + "\":\"" + value + "\",\"reason\":\"key on a public share\"}");
    }

    private HttpResponse<String> reinstate(String identity) throws Exception {
        return mesh.api("POST", "/v1/revocations/reinstate", "{\"identity\":\"" + identity + "\"}");
    }

    private static MeshSnapshot await(TestSidecar.Stream stream, Predicate<Revocations> holds) throws Exception {
        MeshSnapshot snapshot = stream.snapshot();
        while (!holds.test(snapshot.revocations())) {
            snapshot = stream.snapshot();
        }
        return snapshot;
    }

    @Test
    void revokedIdentityIsPushedToOthersAndItsOwnStreamEnds() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        TestSidecar front = mesh.enrolled("front");
        try (TestSidecar.Stream ofFront = front.open(OTHER_ADDRESS);
                TestSidecar.Stream ofBack = back.open(ADDRESS)) {
            ofBack.snapshot();
            HttpResponse<String> answer = revoke("service", "back");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).contains(BACK, back.svid().serial());
            MeshSnapshot told = await(ofFront, revoked -> !revoked.identities().isEmpty());
            assertThat(told.revocations().identities())
                    .containsExactly(back.svid().id());
            assertThat(told.revocations().serials())
                    .as("the identity says it all")
                    .isEmpty();
            assertThat(ofBack.ended()).isTrue();
        }
        assertThat(front.tryRenew(CertificateSigningRequest.newKeyPair()).statusCode())
                .as("another identity")
                .isEqualTo(200);
    }

    @Test
    void revokedIdentityGetsNothingByAnyWay() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        TestSidecar waiting = mesh.sidecar("back");
        assertThat(back.keyWanted("none")).as("its connection is open").isEqualTo(404);
        assertThat(revoke("identity", BACK).statusCode()).isEqualTo(200);
        assertRefused(back.tryRenew(CertificateSigningRequest.newKeyPair()), "revoked");
        assertThat(back.keyWanted("none")).isEqualTo(403);
        assertNoHandshake(back);
        assertThat(back.open(ADDRESS).answer.statusCode()).isEqualTo(403);
        assertRefused(waiting.tryEnrol(waiting.join.token(), waiting.keys), "revoked");
        assertThat(mesh.api("POST", "/v1/join-tokens", "{\"service\":\"back\"}").statusCode())
                .isEqualTo(409);
        assertThat(revoke("identity", BACK).statusCode()).as("twice").isEqualTo(409);
    }

    @Test
    void reinstatedIdentityStartsAnewAndWhatItHadStaysRevoked() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        TestSidecar waiting = mesh.sidecar("back");
        TestSidecar front = mesh.enrolled("front");
        revoke("identity", BACK);
        try (TestSidecar.Stream stream = front.open(OTHER_ADDRESS)) {
            assertThat(reinstate(BACK).statusCode()).isEqualTo(200);
            MeshSnapshot told = await(stream, revoked -> revoked.identities().isEmpty());
            assertThat(told.revocations().serials()).containsExactly(back.svid().serial());
        }
        assertNoHandshake(back);
        assertRefused(waiting.tryEnrol(waiting.join.token(), waiting.keys), "revoked");
        mesh.enrolled("back").renew();
        assertThat(reinstate(BACK).statusCode()).as("twice").isEqualTo(404);
    }

    @Test
    void revokedCertificateIsPushedAndOthersOfItsIdentityGoOn() throws Exception {
        TestSidecar lost = mesh.enrolled("back");
        TestSidecar kept = mesh.enrolled("back");
        try (TestSidecar.Stream ofKept = kept.open(OTHER_ADDRESS);
                TestSidecar.Stream ofLost = lost.open(ADDRESS)) {
            ofLost.snapshot();
            assertThat(revoke("serial", lost.svid().serial()).statusCode()).isEqualTo(200);
            assertThat(await(ofKept, revoked -> !revoked.serials().isEmpty()).revocations())
                    .isEqualTo(new Revocations(Set.of(lost.svid().serial()), Set.of()));
            assertThat(ofLost.ended()).isTrue();
        }
        assertRefused(lost.tryRenew(CertificateSigningRequest.newKeyPair()), "revoked");
        kept.renew();
        assertThat(revoke("serial", lost.svid().serial()).statusCode()).isEqualTo(409);
    }

    @Test
    void acksOfARevokedCertificateCountNoMore() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        try (TestSidecar.Stream stream = back.open(ADDRESS)) {
            MeshSnapshot snapshot = stream.snapshot();
            assertThat(back.ack(snapshot, Optional.empty())).isEqualTo(204);
            revoke("serial", back.svid().serial());
            assertThat(back.ack(snapshot, Optional.empty())).isEqualTo(403);
        }
    }

    @Test
    void revokedCertificateMakesNoConnectionAlsoAfterARestart() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        TestSidecar spare = mesh.enrolled("spare");
        revoke("serial", back.svid().serial());
        assertNoHandshake(back);
        mesh.restart();
        assertNoHandshake(back);
        assertThat(spare.copy().keyWanted("none")).isEqualTo(404);
    }

    @Test
    void whatSucceedsARevokedCertificateIsRevokedToo() throws Exception {
        TestSidecar thief = mesh.enrolled("back");
        TestSidecar honest = thief.copy();
        String stolen = thief.svid().serial();
        thief.renew();
        thief.renew();
        assertThat(revoke("serial", stolen).body())
                .contains(stolen, thief.svid().serial());
        assertThat(mesh.controlPlane.revocations().inForce().serials())
                .hasSize(3)
                .contains(stolen, thief.svid().serial());
        assertNoHandshake(honest);
        assertNoHandshake(thief);
    }

    @Test
    void whatARevokedCertificateSucceedsIsNotRevoked() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        String first = back.svid().serial();
        back.renew();
        assertThat(revoke("serial", back.svid().serial()).body()).doesNotContain(first);
    }

    @Test
    void alarmOfALineageReachesTheSidecarsToo() throws Exception {
        TestSidecar thief = mesh.enrolled("back");
        TestSidecar honest = thief.copy();
        honest.renew();
        TestSidecar front = mesh.enrolled("front");
        try (TestSidecar.Stream stream = front.open(OTHER_ADDRESS)) {
            assertRefused(thief.tryRenew(CertificateSigningRequest.newKeyPair()), "suspended");
            assertThat(await(stream, revoked -> !revoked.serials().isEmpty())
                            .revocations()
                            .serials())
                    .containsExactlyInAnyOrder(
                            thief.svid().serial(), honest.svid().serial());
        }
    }

    @Test
    void whatIsRevokedIsStillSoAfterARestart() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        TestSidecar spare = mesh.enrolled("spare");
        revoke("identity", BACK);
        revoke("serial", spare.svid().serial());
        mesh.restart();
        TestSidecar front = mesh.enrolled("front");
        try (TestSidecar.Stream stream = front.open(OTHER_ADDRESS)) {
            Revocations first = stream.snapshot().revocations();
            assertThat(first.identities()).containsExactly(back.svid().id());
            assertThat(first.serials()).containsExactly(spare.svid().serial());
        }
    }

    @Test
    void endedRevocationLeavesTheSnapshotsAFewMinutesAfterTheCertificate() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        revoke("serial", back.svid().serial());
        mesh.clock.move(Duration.ofHours(24).plusMinutes(4));
        mesh.controlPlane.revocations().sweep();
        assertThat(mesh.controlPlane.revocations().inForce().serials())
                .as("a slow clock may still take it for good")
                .hasSize(1);
        mesh.clock.move(Duration.ofMinutes(2));
        mesh.controlPlane.revocations().sweep();
        assertThat(mesh.controlPlane.revocations().inForce()).isEqualTo(Revocations.NONE);
        assertThat(mesh.get("/v1/revocations").path("revocations"))
                .as("still on the list")
                .hasSize(1);
    }

    @Test
    void whatCannotBeRevokedIsSaid() throws Exception {
        assertThat(revoke("identity", "spiffe://small.example/sallyport/control-plane"))
                .satisfies(answer -> assertThat(answer.statusCode()).isEqualTo(403))
                .satisfies(answer -> assertThat(answer.body()).contains("the product's own"));
        assertThat(revoke("identity", "spiffe://small.example/sa/bakc").statusCode())
                .isEqualTo(404);
        assertThat(revoke("identity", "back").statusCode()).isEqualTo(400);
        assertThat(revoke("service", "bakc").statusCode()).isEqualTo(404);
        assertThat(revoke("serial", "00ff").statusCode()).isEqualTo(404);
        TestSidecar back = mesh.enrolled("back");
        mesh.clock.move(Duration.ofHours(25));
        assertThat(revoke("serial", back.svid().serial()).body()).contains("ended at");
        mesh.clock.reset();
        String both = "{\"service\":\"back\",\"serial\":\"" + back.svid().serial() + "\",\"reason\":\"r\"}";
        assertThat(mesh.api("POST", "/v1/revocations", both).statusCode()).isEqualTo(400);
        assertThat(mesh.api("POST", "/v1/revocations", "{\"service\":\"back\"}").body())
                .contains("reason");
        assertThat(mesh.api("POST", "/v1/revocations/reinstate", "{\"serial\":\"00ff\"}")
                        .body())
                .contains("stays revoked");
    }

    @Test
    void identityThatTheMeshNoLongerDeclaresCanStillBeRevoked() throws Exception {
        TestSidecar spare = mesh.enrolled("spare");
        String without = TestMesh.MESH_DOCUMENT.replaceAll("\\n *spare: .*", "");
        Files.writeString(mesh.documents().resolve("mesh.yaml"), without);
        mesh.restart();
        assertThat(revoke("service", "spare").statusCode()).isEqualTo(404);
        assertThat(revoke("identity", "spiffe://small.example/sa/spare").body())
                .contains(spare.svid().serial());
    }

    @Test
    void actsAreOnRecordWithWhoAndWhy() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        revoke("identity", BACK);
        reinstate(BACK);
        JsonNode timeline = mesh.get("/v1/certificate-events?service=back");
        assertThat(timeline.at("/chain/broken").isNull()
                        || timeline.at("/chain/broken").isMissingNode())
                .isTrue();
        assertThat(timeline.path("events")
                        .valueStream()
                        .map(event -> event.path("kind").asText() + " "
                                + event.path("actor").asText()
                                + (event.path("serial").asText().isEmpty() ? "" : " serial")))
                .containsExactly(
                        "issued  serial",
                        "revoked administrator",
                        "revoked administrator serial",
                        "reinstated administrator");
        assertThat(timeline.path("certificates").get(0).path("state").asText()).isEqualTo("revoked");
        JsonNode shown = mesh.get("/v1/certificates/" + back.svid().serial());
        assertThat(shown.at("/revocation/reason").asText()).isEqualTo("key on a public share");
        assertThat(shown.at("/revocation/by").asText()).isEqualTo("administrator");
        assertThat(shown.path("pem").asText()).startsWith("-----BEGIN CERTIFICATE-----");
    }

    /** On a new connection; those from before the revocation stay open for a clear answer. */
    private static void assertNoHandshake(TestSidecar sidecar) throws Exception {
        TestSidecar dialling = sidecar.copy();
        assertThatThrownBy(() -> dialling.keyWanted("none")).isInstanceOf(IOException.class);
    }

    @Test
    void timelineOfACertificateIsOfItsLineage() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        String first = back.svid().serial();
        back.renew();
        TestSidecar other = mesh.enrolled("back");
        JsonNode timeline = mesh.get("/v1/certificate-events?serial=" + first);
        assertThat(timeline.path("events")
                        .valueStream()
                        .map(event -> event.path("serial").asText()))
                .containsExactly(first, back.svid().serial());
        assertThat(timeline.path("cut").asBoolean(true)).isFalse();
        assertThat(mesh.get("/v1/certificate-events?serial=" + other.svid().serial())
                        .path("events"))
                .hasSize(1);
        assertThat(mesh.api("GET", "/v1/certificate-events?serial=none", "").statusCode())
                .isEqualTo(404);
    }

    private static void assertRefused(HttpResponse<byte[]> answer, String says) {
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(body).isEqualTo(403);
        assertThat(body).contains(says);
    }
}
