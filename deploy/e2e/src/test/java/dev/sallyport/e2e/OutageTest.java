package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens when … (design section 8): the control plane is killed, a sidecar restarts without it, a stored snapshot was altered. Driven by the JDK's HttpClient. */
class OutageTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void trafficOutlivesTheControlPlaneAndARestartedSidecarServesFromDisk() throws Exception {
        try (Mesh mesh = Mesh.start(folder)) {
            Running front = mesh.startFront();
            Running back = mesh.startBack();
            mesh.createToken("front");
            mesh.createToken("back");
            String inbound = back.text("inbound");
            assertThat(status(front)).isEqualTo(200);

            mesh.controlPlane.kill();
            assertThat(status(front)).isEqualTo(200);

            assertThat(back.stop()).isZero();
            Running again = mesh.startSidecar(
                    "back",
                    "--application",
                    "127.0.0.1:" + mesh.application.getAddress().getPort(),
                    "--inbound",
                    inbound);
            assertThat(again.text("spiffeId")).isEqualTo("spiffe://small.example/sa/back");
            assertThat(status(front)).isEqualTo(200);

            assertThat(again.stop()).isZero();
            Path snapshot = mesh.state("back").resolve("snapshot.json");
            Files.writeString(snapshot, Files.readString(snapshot).replace("front", "fr0nt"));
            Running altered = mesh.startSidecar("back", "--application", "127.0.0.1:9", "--inbound", inbound);
            await().atMost(DEADLINE)
                    .untilAsserted(() -> assertThat(altered.log()).contains("snapshot.json"));
            assertThat(status(front)).isIn(502, 503);
            altered.kill();

            Running controlPlane = mesh.startControlPlane(
                    mesh.controlPlane.text("sidecars"),
                    mesh.controlPlane.text("enrolment"),
                    mesh.controlPlane.text("api"));
            try (controlPlane) {
                Running healed = mesh.startSidecar(
                        "back",
                        "--application",
                        "127.0.0.1:" + mesh.application.getAddress().getPort(),
                        "--inbound",
                        inbound);
                healed.ready();
                await().atMost(DEADLINE)
                        .untilAsserted(() -> assertThat(status(front)).isEqualTo(200));
                await().atMost(DEADLINE).untilAsserted(() -> {
                    JsonNode sidecars =
                            Mesh.json(Shell.sallyport("status", "-o", "json", "--context", controlPlane.text("admin"))
                                    .out());
                    assertThat(sidecars.at("/sidecars/connected").asInt()).isEqualTo(2);
                });
            }
        }
    }

    private static int status(Running front) throws Exception {
        String back = front.ready().at("/upstreams/back").asText();
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://" + back + "/things/1"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8))
                .statusCode();
    }
}
