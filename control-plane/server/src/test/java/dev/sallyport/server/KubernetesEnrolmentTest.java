package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.server.issuance.TestCluster;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** First certificates by projected service account tokens, over the wire. */
class KubernetesEnrolmentTest {
    @TempDir
    static Path folder;

    private static final HostPort ADDRESS = new HostPort("10.0.0.9", 15006);
    private static final AtomicInteger PODS = new AtomicInteger();

    private static TestCluster cluster;
    private static TestMesh mesh;

    private final String pod = "pod-" + PODS.incrementAndGet();

    @BeforeAll
    static void start() throws Exception {
        cluster = new TestCluster(folder);
        mesh = TestMesh.with(
                folder,
                new IssuanceSettings(
                        Map.of("spare", Duration.ofHours(1)),
                        Optional.of(cluster.settings(Map.of("small/back-account", "back", "small/lost", "nowhere")))));
        String document = TestMesh.MESH_DOCUMENT.replace(
                "spiffe://small.example/sa/spare", "spiffe://small.example/ns/small/sa/spare");
        Files.writeString(mesh.documents().resolve("mesh.yaml"), document);
        mesh.restart();
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    @AfterEach
    void resetClock() {
        mesh.clock.reset();
    }

    private String token(String account) throws Exception {
        return cluster.token("small", account, pod, mesh.clock.instant());
    }

    private static HttpResponse<byte[]> enrol(TestSidecar sidecar, String token, KeyPair keys) throws Exception {
        return sidecar.tryEnrol(Wire.KUBERNETES, token, keys);
    }

    private TestSidecar enrolled(String service, String account) throws Exception {
        TestSidecar sidecar = mesh.sidecar(service);
        sidecar.hold(TestSidecar.issued(enrol(sidecar, token(account), sidecar.keys)), sidecar.keys);
        return sidecar;
    }

    @Test
    void accountHasTheIdentityOfItsNameAndTheLifeOfItsService() throws Exception {
        TestSidecar spare = enrolled("spare", "spare");
        assertThat(spare.svid().id()).hasToString("spiffe://small.example/ns/small/sa/spare");
        assertThat(Duration.between(Instant.now(), spare.svid().notAfter()))
                .isBetween(Duration.ofMinutes(58), Duration.ofMinutes(61));
        JsonNode shown = mesh.get("/v1/certificates/" + spare.svid().serial());
        assertThat(shown.path("attestedBy").asText()).isEqualTo("kubernetes");
        assertThat(shown.path("proves").asText())
                .contains("service account", "that the pod still existed is not proven");
    }

    @Test
    void accountThatIsNamedHasTheIdentityOfTheServiceItIsNamedFor() throws Exception {
        TestSidecar back = enrolled("back", "back-account");
        assertThat(back.svid().id()).hasToString("spiffe://small.example/sa/back");
        assertThat(Duration.between(Instant.now(), back.svid().notAfter())).isGreaterThan(Duration.ofHours(23));
        back.renew();
        JsonNode shown = mesh.get("/v1/certificates/" + back.svid().serial());
        assertThat(shown.at("/certificate/method").asText()).isEqualTo("renewal");
        assertThat(shown.path("attestedBy").asText()).isEqualTo("kubernetes");
        assertThat(shown.path("lineage")).hasSize(2);
    }

    @Test
    void accountOfNoServiceGetsNothing() throws Exception {
        TestSidecar sidecar = mesh.sidecar("back");
        assertRefused(enrol(sidecar, token("other"), sidecar.keys), "not-declared", "that the Mesh declares");
        assertRefused(enrol(sidecar, token("lost"), sidecar.keys), "not-declared", "service nowhere");
        String otherNamespace = cluster.token("large", "spare", pod, mesh.clock.instant());
        assertRefused(enrol(sidecar, otherNamespace, sidecar.keys), "not-declared", "ns/large/sa/spare");
    }

    @Test
    void tokenOfTheOtherMethodIsNoProof() throws Exception {
        TestSidecar sidecar = mesh.sidecar("back");
        assertRefused(sidecar.tryEnrol(Wire.JOIN_TOKEN, token("spare"), sidecar.keys), "unproven", "unknown");
        assertRefused(
                sidecar.tryEnrol(Wire.KUBERNETES, sidecar.join.token(), sidecar.keys), "unproven", "no signed token");
        assertRefused(
                sidecar.tryEnrol("renewal", sidecar.join.token(), sidecar.keys), "unproven", "join-token, kubernetes");
        assertThat(sidecar.tryEnrol(sidecar.join.token(), sidecar.keys).statusCode())
                .isEqualTo(200);
    }

    @Test
    void keyMayComeAgainAndWithTheNextTokenOfItsPod() throws Exception {
        TestSidecar spare = enrolled("spare", "spare");
        assertThat(enrol(spare, token("spare"), spare.keys).statusCode()).isEqualTo(200);
        mesh.clock.move(Duration.ofMinutes(50));
        assertThat(enrol(spare, token("spare"), spare.keys).statusCode()).isEqualTo(200);
    }

    @Test
    void secondKeyOfAPodAlarmsAndTakesBackWhatTheFirstGot() throws Exception {
        TestSidecar spare = enrolled("spare", "spare");
        String stolen = token("spare");
        try (TestSidecar.Stream stream = spare.open(ADDRESS)) {
            stream.snapshot();
            TestSidecar thief = mesh.sidecar("spare");
            assertRefused(enrol(thief, stolen, thief.keys), "other-key", "another key");
            assertThat(stream.ended()).isTrue();
            assertRefused(enrol(thief, stolen, thief.keys), "revoked", "is revoked until");
        }
        assertRefused(spare.tryRenew(CertificateSigningRequest.newKeyPair()), "revoked", "revoked");
        assertRefused(enrol(spare, token("spare"), spare.keys), "revoked", "is revoked until");
        assertThat(revoked(mesh)).contains(spare.svid().serial());
    }

    @Test
    void anotherPodOfTheAccountHasAKeyOfItsOwn() throws Exception {
        TestSidecar first = enrolled("spare", "spare");
        TestSidecar second = mesh.sidecar("spare");
        String ofSecond = cluster.token("small", "spare", pod + "-b", mesh.clock.instant());
        assertThat(enrol(second, ofSecond, second.keys).statusCode()).isEqualTo(200);
        assertThat(first.tryRenew(CertificateSigningRequest.newKeyPair()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void endedTokenIsRefusedAndAPodMayHaveANewKeyThen() throws Exception {
        String early = token("spare");
        TestSidecar spare = mesh.sidecar("spare");
        assertThat(enrol(spare, early, spare.keys).statusCode()).isEqualTo(200);
        mesh.clock.move(Duration.ofMinutes(62));
        KeyPair next = CertificateSigningRequest.newKeyPair();
        assertRefused(enrol(spare, early, next), "ended", "ended at");
        assertThat(enrol(spare, token("spare"), next).statusCode()).isEqualTo(200);
    }

    @Test
    void afterThirtyDaysRenewalIsRefusedUntilThePodProvesItselfAgain() throws Exception {
        TestSidecar spare = enrolled("spare", "spare");
        attestedDaysAgo(spare, 29);
        spare.renew();
        attestedDaysAgo(spare, 31);
        KeyPair next = CertificateSigningRequest.newKeyPair();
        HttpResponse<byte[]> refused = spare.tryRenew(next);
        assertRefused(refused, Wire.ATTEST_AGAIN, "every 30 days");
        assertThat(spare.open(ADDRESS).answer.statusCode())
                .as("it still counts")
                .isEqualTo(200);
        // The token of the first time has long ended then.
        mesh.controlPlane
                .foundation()
                .store()
                .change(handle -> handle.execute("update attested_pods set expires = 0 where pod_uid = ?", pod));
        spare.hold(TestSidecar.issued(enrol(spare, token("spare"), next)), next);
        spare.renew();
    }

    @Test
    void lineageOfAJoinTokenRenewsOn() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        attestedDaysAgo(back, 400);
        back.renew();
    }

    private static void attestedDaysAgo(TestSidecar sidecar, int days) {
        mesh.controlPlane
                .foundation()
                .store()
                .change(handle -> handle.execute(
                        "update certificates set attested_at = ? where serial = ?",
                        mesh.clock.instant().minus(Duration.ofDays(days)).toEpochMilli(),
                        sidecar.svid().serial()));
    }

    @Test
    void joinFileWithoutATokenHoldsNoSecretAndLeadsToTheSameMesh() throws Exception {
        HttpResponse<String> answer =
                mesh.api("POST", "/v1/join-tokens", "{\"service\":\"spare\",\"token\":\"false\"}");
        JoinFile join = JoinFile.ofBytes(answer.body().getBytes(StandardCharsets.UTF_8));
        assertThat(join.token()).isEmpty();
        assertThat(join.identity()).hasToString("spiffe://small.example/ns/small/sa/spare");
        TestSidecar nobody = new TestSidecar(mesh, join);
        assertRefused(nobody.tryEnrol(join.token(), nobody.keys), "unproven", "unknown");
    }

    static String revoked(TestMesh of) {
        return of.controlPlane.revocations().inForce().toString();
    }

    private static void assertRefused(HttpResponse<byte[]> answer, String code, String says) throws Exception {
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(body).isEqualTo(403);
        assertThat(TestMesh.JSON.readTree(body).path("code").asText()).as(body).isEqualTo(code);
        assertThat(body).contains(says);
    }
}
