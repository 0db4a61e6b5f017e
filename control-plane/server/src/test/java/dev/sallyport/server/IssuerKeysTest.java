package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.document.HostPort;
import dev.sallyport.server.fetch.TestProvider;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys of an issuer on their way to a sidecar, and what a sidecar and people hear of them. */
class IssuerKeysTest {
    private static final HostPort BACK = new HostPort("10.0.0.7", 15006);

    @TempDir
    Path folder;

    private final AtomicReference<String> jwks = new AtomicReference<>("");
    private TestProvider provider;
    private TestMesh mesh;

    @BeforeEach
    void start() throws Exception {
        provider = TestProvider.http();
        provider.on(
                "/keys",
                exchange -> TestProvider.answer(
                        exchange,
                        jwks.get().isEmpty() ? 500 : 200,
                        "application/json",
                        jwks.get().getBytes(StandardCharsets.UTF_8)));
        rotateTo("k1");
        mesh = TestMesh.withFolder(folder);
        Files.writeString(
                mesh.documents().resolve("mesh.yaml"),
                TestMesh.MESH_DOCUMENT + "  issuers:\n    shop: {issuer: https://shop.example, audiences: [a],"
                        + " algorithms: [ES256], maxStale: 20m, jwksUri: \"" + provider.base() + "/keys\"}\n");
    }

    @AfterEach
    void stop() {
        mesh.close();
        provider.close();
    }

    private void rotateTo(String id) throws Exception {
        jwks.set(new JWKSet(new ECKeyGenerator(Curve.P_256).keyID(id).generate()).toString());
    }

    private static String keys(MeshSnapshot snapshot) {
        return snapshot.keys().jwksByIssuer().getOrDefault("shop", "");
    }

    private static void awaitKeys(TestSidecar.Stream stream, String id) throws Exception {
        MeshSnapshot snapshot = stream.snapshot();
        while (!keys(snapshot).contains(id) || (id.isEmpty() && !keys(snapshot).isEmpty())) {
            snapshot = stream.snapshot();
        }
    }

    @Test
    void keyThatASidecarWantsComesDownItsStreamAndASecondReportAsksNobody() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        try (TestSidecar.Stream stream = back.open(BACK)) {
            awaitKeys(stream, "k1");
            rotateTo("k2");
            assertThat(back.keyWanted("shop")).isEqualTo(204);
            awaitKeys(stream, "k2");
            int asked = provider.asked.size();
            rotateTo("k3");
            for (int i = 0; i < 50; i++) {
                assertThat(back.keyWanted("shop")).isEqualTo(204);
            }
            assertThat(provider.asked).hasSize(asked);
            mesh.clock.move(Duration.ofSeconds(31));
            awaitKeys(stream, "k3");

            assertThat(back.keyWanted("nobody")).isEqualTo(404);
            assertThat(back.keyWanted("")).isEqualTo(404);
        }
        JsonNode issuer = mesh.get("/v1/status").path("issuers").get(0);
        assertThat(issuer.path("keyReports").asInt()).isEqualTo(51);
        assertThat(issuer.path("keyIds")).hasToString("[\"k3\"]");
    }

    @Test
    void serviceThatTheMeshNoLongerDeclaresMayNotAsk() throws Exception {
        TestSidecar spare = mesh.enrolled("spare");
        await().until(() -> spare.keyWanted("shop") == 204);
        Path document = mesh.documents().resolve("mesh.yaml");
        Files.writeString(document, Files.readString(document).replaceAll("(?m)^    spare:.*\n", ""));
        await().until(() -> spare.keyWanted("shop") == 403);
    }

    @Test
    void keysPastMaxStaleAreTakenFromTheSidecarsAndComeBack() throws Exception {
        TestSidecar back = mesh.enrolled("back");
        try (TestSidecar.Stream stream = back.open(BACK)) {
            awaitKeys(stream, "k1");
            jwks.set("");
            mesh.clock.move(Duration.ofMinutes(6));
            await().until(() -> issuer().path("state").asText().equals("stale"));
            assertThat(issuer().path("error").asText()).contains("status 500");
            assertThat(issuer().path("keys").asInt()).isEqualTo(1);

            mesh.clock.move(Duration.ofMinutes(15));
            awaitKeys(stream, "");
            assertThat(issuer().path("state").asText()).isEqualTo("gone");
            assertThat(metrics())
                    .contains("sallyport_issuer_keys{issuer=\"shop\"} 0")
                    .contains("sallyport_issuer_state{issuer=\"shop\",state=\"gone\"} 1")
                    .contains("sallyport_issuer_state{issuer=\"shop\",state=\"fresh\"} 0")
                    .contains("sallyport_issuer_failing{issuer=\"shop\"} 1");

            rotateTo("k9");
            mesh.clock.move(Duration.ofMinutes(6));
            awaitKeys(stream, "k9");
            assertThat(issuer().path("state").asText()).isEqualTo("fresh");
            assertThat(metrics())
                    .contains("sallyport_issuer_keys{issuer=\"shop\"} 1")
                    .contains("sallyport_issuer_key_reports_total{issuer=\"shop\"} 0")
                    .containsPattern("sallyport_issuer_fetches_total\\{issuer=\"shop\",result=\"failure\"} [1-9]")
                    .containsPattern("sallyport_issuer_keys_good_until_timestamp_seconds\\{issuer=\"shop\"} 1\\.");
        }
    }

    private JsonNode issuer() throws Exception {
        return mesh.get("/v1/status").path("issuers").path(0);
    }

    private String metrics() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://" + mesh.controlPlane.monitoring() + "/metrics");
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
