package dev.sallyport.cli;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.cli.testing.StubControlPlane;
import dev.sallyport.identity.SpiffeId;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom the command line believes, and what it says when it does not. */
class ControlPlaneApiTest {
    private static final String STATUS = "{\"mesh\":\"shop\",\"revision\":7}";

    @TempDir
    private Path folder;

    @Test
    void controlPlaneOfTheContextIsBelieved() throws Exception {
        try (StubControlPlane stub = StubControlPlane.start(folder).on("GET /v1/status", 200, STATUS);
                ControlPlaneApi api = ControlPlaneApi.of(stub.context, _ -> {})) {
            assertThat(api.status().path("revision").asLong()).isEqualTo(7);
        }
    }

    @Test
    void workloadOfTheSameMeshIsNotBelieved() throws Exception {
        SpiffeId workload = SpiffeId.parse("spiffe://shop.example/sa/payment");
        try (StubControlPlane stub = StubControlPlane.start(folder, workload, folder.resolve("ca"))) {
            sallyport("status", "--context", stub.context)
                    .refused(
                            1,
                            "not believed",
                            "spiffe://shop.example/sa/payment",
                            "spiffe://shop.example/sallyport/control-plane");
            assertThat(stub.requests).isEmpty();
        }
    }

    @Test
    void sameNameOfAnotherAuthorityIsNotBelieved() throws Exception {
        SpiffeId same = SpiffeId.controlPlane(StubControlPlane.SHOP);
        try (StubControlPlane stub = StubControlPlane.start(folder, same, folder.resolve("other-ca"))) {
            sallyport("status", "--context", stub.context).refused(1, "not believed");
            assertThat(stub.requests).isEmpty();
        }
    }

    @Test
    void silenceAndBadContextsAreNamed() throws Exception {
        StubControlPlane stub = StubControlPlane.start(folder);
        stub.close();
        sallyport("status", "--context", stub.context).refused(1, "control plane: 127.0.0.1:", "connection refused");

        Files.setPosixFilePermissions(stub.context, PosixFilePermissions.fromString("rw-r--r--"));
        sallyport("status", "--context", stub.context).refused(1, "others can read it", "chmod 600");

        Path broken = Files.writeString(folder.resolve("broken.json"), "{\"privateKey\": \"secret");
        Files.setPosixFilePermissions(broken, PosixFilePermissions.fromString("rw-------"));
        assertThat(sallyport("status", "--context", broken)
                        .refused(3, "malformed")
                        .err())
                .doesNotContain("secret");

        sallyport("status", "--context", folder.resolve("none.json")).refused(1, "not found", "--context");
    }

    @Test
    void portThatSpeaksNoTlsIsNoControlPlane() throws Exception {
        StubControlPlane stub = StubControlPlane.start(folder);
        stub.close();
        try (ServerSocket plain = new ServerSocket(0)) {
            Thread.ofVirtual().start(() -> {
                try (var socket = plain.accept()) {
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    // The test is over.
                }
            });
            String text =
                    Files.readString(stub.context).replaceAll("127.0.0.1:\\d+", "127.0.0.1:" + plain.getLocalPort());
            Files.writeString(stub.context, text);
            sallyport("status", "--context", stub.context)
                    .refused(1, "control plane: 127.0.0.1:" + plain.getLocalPort());
        }
    }
}
