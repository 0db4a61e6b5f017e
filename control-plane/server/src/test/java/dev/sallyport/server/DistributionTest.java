package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.policy.DocumentSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes down the streams, and what comes back. */
class DistributionTest {
    private static final HostPort BACK = new HostPort("10.0.0.7", 15006);
    private static final HostPort FRONT = new HostPort("10.0.0.8", 15006);

    @TempDir
    Path folder;

    private TestMesh mesh;

    @BeforeEach
    void start() throws Exception {
        mesh = TestMesh.withFolder(folder);
    }

    @AfterEach
    void stop() {
        mesh.close();
    }

    @Test
    void firstMessageIsASnapshotForThePeerAloneThatTheRootKeyVouchesFor() throws Exception {
        try (TestSidecar.Stream stream = mesh.enrolled("back").open(BACK)) {
            assertThat(stream.answer.headers().firstValue("content-type")).contains("application/vnd.sallyport.stream");
            MeshSnapshot snapshot = stream.snapshot();
            assertThat(snapshot.service()).isEqualTo("back");
            assertThat(snapshot.revision()).isEqualTo(1);
            assertThat(Duration.between(snapshot.issuedAt(), snapshot.validUntil()))
                    .isEqualTo(Duration.ofHours(24));
            assertThat(snapshot.trust().bundles()).containsExactly(mesh.bundle());
            DocumentSet documents = DocumentSet.ofJson(snapshot.policy().documents());
            assertThat(documents.digest()).isEqualTo(snapshot.policy().digest());
            assertThat(documents.policies()).containsOnlyKeys("back");
        }
        try (TestSidecar.Stream stream = mesh.enrolled("front").open(FRONT)) {
            assertThat(stream.snapshot().policy().documents()).doesNotContain("/things/");
        }
    }

    @Test
    void changeOfTheFolderArrivesAsAHigherRevisionAndAnInvalidOneNever() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        try (TestSidecar.Stream stream = back.open(BACK)) {
            stream.snapshot();
            Path file = mesh.documents().resolve("back.yaml");
            Files.writeString(file, TestMesh.BACK_DOCUMENT.replace("/things/", "/items/"));
            MeshSnapshot second = stream.snapshotOf(2);
            assertThat(second.policy().documents()).contains("/items/");

            Files.writeString(file, TestMesh.BACK_DOCUMENT.replace("[front]", "[nobody]"));
            await().untilAsserted(() -> assertThat(
                            mesh.get("/v1/status").at("/documents/lastError").asText())
                    .contains("back.yaml:")
                    .contains("nobody"));
            assertThat(mesh.get("/v1/status").path("revision").asLong()).isEqualTo(2);

            Files.writeString(file, TestMesh.BACK_DOCUMENT.replace("/things/", "/goods/"));
            MeshSnapshot third = stream.snapshotOf(3);
            assertThat(third.revision())
                    .as("no gap: a refused set takes no revision")
                    .isEqualTo(3);
            assertThat(third.newerThan(second)).isTrue();
            assertThat(mesh.get("/v1/status").at("/documents/lastError").isMissingNode())
                    .isTrue();
        }
    }

    @Test
    void endpointsOfEveryServiceFollowTheLeases() throws Exception {
        TestSidecar front = mesh.enrolled("front");
        try (TestSidecar.Stream frontStream = front.open(FRONT);
                TestSidecar.Stream backStream = mesh.enrolled("back").open(BACK)) {
            await().untilAsserted(
                            () -> assertThat(frontStream.snapshot().endpoints().byService())
                                    .containsEntry("back", List.of(BACK))
                                    .containsEntry("front", List.of(FRONT)));
            assertThat(backStream.snapshot().service()).isEqualTo("back");
        }
    }

    @Test
    void acknowledgementsAndRefusalsShow() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        try (TestSidecar.Stream stream = back.open(BACK)) {
            MeshSnapshot snapshot = stream.snapshot();
            assertThat(back.ack(snapshot, Optional.empty())).isEqualTo(204);
            assertThat(mesh.get("/v1/status").path("sidecars")).hasToString(counts(1, 1, 0));
            JsonNode line = mesh.get("/v1/sidecars").path("sidecars").get(0);
            assertThat(line.path("certificateSerial").asText())
                    .isEqualTo(back.svid().serial());
            assertThat(line.at("/acked/digest").asText())
                    .isEqualTo(snapshot.policy().digest());
            assertThat(line.path("renewAt").asText()).isNotEmpty();

            assertThat(back.ack(snapshot, Optional.of("too many routes"))).isEqualTo(204);
            assertThat(mesh.get("/v1/status").path("sidecars")).hasToString(counts(1, 0, 1));
        }
        await().untilAsserted(() ->
                assertThat(mesh.get("/v1/status").path("sidecars")).hasToString(counts(0, 0, 0)));
    }

    private static String counts(int connected, int applied, int refused) {
        return "{\"connected\":" + connected + ",\"applied\":" + applied + ",\"refused\":" + refused + "}";
    }

    @Test
    void rotationIsAskedForOnTheStreamsOfTheNamedServices() throws Exception {
        try (TestSidecar.Stream stream = mesh.enrolled("back").open(BACK)) {
            stream.snapshot();
            assertThat(mesh.api("POST", "/v1/certificates/rotate", "{\"services\":[\"front\"]}")
                            .body())
                    .isEqualTo("{\"requested\":0}");
            assertThat(mesh.api("POST", "/v1/certificates/rotate", "{\"services\":null}")
                            .body())
                    .isEqualTo("{\"requested\":1}");
            assertThat(stream.next(Wire.Down.Rotate.class).reason()).contains("administrator");
        }
    }

    @Test
    void removedServiceLosesItsStreamAndGetsNoCertificate() throws Exception {
        TestSidecar spare = mesh.enrolled("spare");
        try (TestSidecar.Stream stream = spare.open(FRONT)) {
            stream.snapshot();
            Files.writeString(
                    mesh.documents().resolve("mesh.yaml"),
                    TestMesh.MESH_DOCUMENT.replaceAll("(?m)^    spare:.*\n", ""));
            assertThat(stream.ended()).isTrue();
        }
        assertThat(spare.tryRenew(dev.sallyport.identity.CertificateSigningRequest.newKeyPair())
                        .statusCode())
                .isEqualTo(403);
        assertThat(spare.open(FRONT).answer.statusCode()).isEqualTo(403);
    }

    @Test
    void restartKeepsRevisionKeysAuthorityAndLeases() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        MeshSnapshot before;
        try (TestSidecar.Stream stream = back.open(BACK)) {
            before = stream.snapshot();
        }
        mesh.clock.move(Duration.ofSeconds(-30)); // A clock that was set back must not make snapshots older.
        mesh.restart();
        TestSidecar front = mesh.enrolled("front");
        assertThat(front.join.rootKeys()).isEqualTo(back.join.rootKeys());
        assertThat(front.join.trustBundle()).isEqualTo(back.join.trustBundle());
        try (TestSidecar.Stream stream = front.open(FRONT)) {
            MeshSnapshot after = stream.snapshot();
            assertThat(after.revision()).isEqualTo(before.revision());
            assertThat(after.issuedAt()).isAfter(before.issuedAt());
            assertThat(after.endpoints().byService()).containsEntry("back", List.of(BACK));
        }
        try (TestSidecar.Stream stream = back.open(BACK)) {
            assertThat(stream.snapshot().newerThan(before)).isTrue();
        }
    }
}
