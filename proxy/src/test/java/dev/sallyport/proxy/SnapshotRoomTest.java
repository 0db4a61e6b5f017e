package dev.sallyport.proxy;

import static dev.sallyport.proxy.ProxyProcess.field;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.contract.JwkFile;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.testing.TestMesh;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sidecar as a process with a heap of 32 MiB: no snapshot ends it, however many rules somebody signs. */
class SnapshotRoomTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int RULES_THAT_FIT = 1_000;
    private static final int RULES_TOO_MANY = 9_900;

    @TempDir
    private Path folder;

    private final ECKey key = JwkFile.generate();
    private final List<ProxyProcess> started = new ArrayList<>();
    private TestMesh mesh;

    @BeforeEach
    void write() throws IOException {
        mesh = new TestMesh(folder.resolve("authority"));
        X509Svid svid = mesh.svid(mesh.id("orders"));
        Files.write(folder.resolve("key.jwk"), JwkFile.toBytes(key.toPublicJWK()));
        Files.writeString(folder.resolve("svid.pem"), Pem.encode(svid.chain()));
        Files.createFile(
                folder.resolve("svid.key"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(folder.resolve("svid.key"), Pem.encode(svid.privateKey()));
        Files.writeString(folder.resolve("orders.yaml"), """
                service: orders
                application: 127.0.0.1:9
                stateDirectory: ./state
                standalone: {snapshot: ./snapshot.jws, trustKey: ./key.jwk, certificate: ./svid.pem, privateKey: ./svid.key}
                inbound: {listen: "127.0.0.1:0"}
                outbound: {listen: "127.0.0.1:0"}
                admin: {listen: "127.0.0.1:0"}
                metrics: {listen: "127.0.0.1:0"}
                health: {listen: "127.0.0.1:0"}
                """);
    }

    @AfterEach
    void stop() {
        started.forEach(ProxyProcess::close);
    }

    private ProxyProcess start() throws IOException {
        ProxyProcess proxy = ProxyProcess.start(
                List.of("-Xmx32m", "-XX:+ExitOnOutOfMemoryError"),
                folder.resolve("stderr"),
                "--config",
                folder.resolve("orders.yaml").toString());
        started.add(proxy);
        return proxy;
    }

    private void publish(MeshSnapshot snapshot) throws IOException {
        Path next = folder.resolve("next.jws");
        Files.write(next, SignedSnapshot.sign(snapshot, key).toBytes());
        Files.move(next, folder.resolve("snapshot.jws"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void says(ProxyProcess proxy, String text) {
        await().atMost(DEADLINE).until(() -> proxy.log().contains(text));
    }

    @Test
    void snapshotThatDoesNotFitIsRefusedAndTheOneHeldGoesOnUntilOneFits() throws Exception {
        publish(mesh.snapshot(5));
        ProxyProcess proxy = start();
        String health = field(proxy.ready(), "health");

        publish(mesh.snapshot(6, RULES_TOO_MANY));
        says(proxy, "snapshot refused, the one held stays");
        assertThat(proxy.log()).contains("MiB of heap (expected: <= ").doesNotContain("\"revision\":6");
        assertThat(readyz(health)).startsWith("HTTP/1.1 200");

        publish(mesh.snapshot(7, RULES_THAT_FIT));
        says(proxy, "\"revision\":7");
        assertThat(readyz(health)).startsWith("HTTP/1.1 200");
        assertThat(proxy.process().isAlive()).isTrue();
    }

    @Test
    void startWithOneThatDoesNotFitIsRefused() throws Exception {
        publish(mesh.snapshot(6, RULES_TOO_MANY));
        start().endsWith(3, "MiB of heap (expected: <= ");
    }

    private static String readyz(String address) throws IOException {
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
    }
}
