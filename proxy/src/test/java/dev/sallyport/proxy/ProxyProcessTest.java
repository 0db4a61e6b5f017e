package dev.sallyport.proxy;

import static dev.sallyport.proxy.ProxyProcess.field;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.testing.FakeControlPlane;
import dev.sallyport.proxy.testing.TestMesh;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sidecar as a process of its own: exit codes, the one sentence, the ready line, and the end. */
class ProxyProcessTest {
    @TempDir
    private Path folder;

    private final List<ProxyProcess> started = new ArrayList<>();

    @AfterEach
    void stop() {
        started.forEach(ProxyProcess::close);
    }

    private ProxyProcess start(String... arguments) throws IOException {
        ProxyProcess proxy = ProxyProcess.start(folder.resolve("stderr"), arguments);
        started.add(proxy);
        return proxy;
    }

    private void endsWith(int code, String sentence, String... arguments) throws Exception {
        start(arguments).endsWith(code, sentence);
    }

    private Path config(String more) throws IOException {
        return Files.writeString(folder.resolve("orders.yaml"), """
                service: orders
                application: 127.0.0.1:9
                stateDirectory: ./state
                inbound: {listen: "127.0.0.1:0"}
                outbound: {listen: "127.0.0.1:0", upstreams: {payment: "127.0.0.1:0"}}
                admin: {listen: "127.0.0.1:0"}
                metrics: {listen: "127.0.0.1:0"}
                """ + more);
    }

    private Path config() throws IOException {
        return config(
                "health: {listen: \"127.0.0.1:0\"}\ncontrolPlane: {joinTokenFile: ./orders.join, joinWait: 2s}\n");
    }

    @Test
    void helpIsOnStandardOutput() throws Exception {
        Process process = start("--help").process();
        assertThat(new String(process.getInputStream().readAllBytes(), UTF_8)).startsWith("Usage: sallyport proxy");
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void unknownFlagIsUsage() throws Exception {
        endsWith(2, "sallyport: --confg: unknown flag (expected: --config?", "--confg", "x");
    }

    @Test
    void badConfigurationIsInvalid() throws Exception {
        endsWith(3, "loops", "--config", config("loops: 0\n").toString());
    }

    @Test
    void missingConfigurationIsInvalid() throws Exception {
        endsWith(3, "no such file", "--config", folder.resolve("none.yaml").toString());
    }

    @Test
    void stateFolderThatOthersCanReadIsRefused() throws Exception {
        Path state = Files.createDirectory(folder.resolve("state"));
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxr-xr-x"));
        endsWith(1, "chmod 700 " + state, "--config", config().toString());
    }

    @Test
    void portInUseIsTold() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            endsWith(1, address, "--config", config().toString(), "--health", address);
        }
    }

    @Test
    void joinFileThatNeverComesIsATimeout() throws Exception {
        endsWith(7, "did not appear within 2 s", "--config", config().toString());
    }

    @Test
    void refusedTokenIsAFailure() throws Exception {
        TestMesh mesh = new TestMesh(folder.resolve("authority"));
        try (FakeControlPlane controlPlane = new FakeControlPlane(mesh)) {
            Files.write(
                    folder.resolve("orders.join"),
                    mesh.joinFile(controlPlane.sidecarsAddress(), controlPlane.enrolmentAddress(), "another")
                            .toBytes());
            endsWith(1, "sallyport: enrolment refused: join token unknown", "--config", config().toString());
        }
    }

    @Test
    void sidecarSaysReadyEndsWithItsParentAndComesBackWithoutTheControlPlane() throws Exception {
        TestMesh mesh = new TestMesh(folder.resolve("authority"));
        String serial;
        Path adminAddress = folder.resolve("state/admin-address");
        Path adminToken = folder.resolve("state/admin-token");
        String oldToken;
        try (FakeControlPlane controlPlane = new FakeControlPlane(mesh)) {
            controlPlane.publish(mesh.signed(mesh.snapshot(1)));
            Files.write(
                    folder.resolve("orders.join"),
                    mesh.joinFile(controlPlane.sidecarsAddress(), controlPlane.enrolmentAddress(), TestMesh.TOKEN)
                            .toBytes());
            ProxyProcess proxy = start("--config", config().toString(), "--end-with-stdin");
            Process process = proxy.process();
            String ready = proxy.ready();
            assertThat(ready)
                    .startsWith(
                            "{\"ready\":\"proxy\",\"service\":\"orders\",\"spiffeId\":\"" + mesh.id("orders") + "\"");
            serial = field(ready, "serial");
            assertThat(field(ready, "payment")).startsWith("127.0.0.1:").isNotEqualTo("127.0.0.1:0");
            assertThat(readyz(field(ready, "health"))).startsWith("HTTP/1.1 200");
            assertThat(adminAddress).content().isEqualTo(field(ready, "admin") + "\n");
            assertThat(Files.getPosixFilePermissions(adminAddress))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            for (String page : List.of("admin", "metrics", "health")) { // And see below: nothing is logged of it.
                assertThat(answer(field(ready, page), "GET /%zz", "")).startsWith("HTTP/1.1 400");
            }
            oldToken = Files.readString(adminToken);
            assertThat(logLevel(field(ready, "admin"), oldToken)).startsWith("HTTP/1.1 200");
            process.getOutputStream().close();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(adminAddress).doesNotExist(); // Whoever takes the port next is not asked for.
        }
        ProxyProcess restarted = start("--config", config().toString());
        String readyAgain = restarted.ready();
        assertThat(field(readyAgain, "serial")).isEqualTo(serial);
        String admin = field(readyAgain, "admin");
        assertThat(adminAddress).content().isEqualTo(admin + "\n");
        assertThat(logLevel(admin, oldToken)).startsWith("HTTP/1.1 403");
        assertThat(logLevel(admin, Files.readString(adminToken))).startsWith("HTTP/1.1 200");
        Process again = restarted.process();
        again.destroy(); // SIGTERM
        assertThat(again.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(again.exitValue()).isIn(0, 143);
        assertThat(Files.readString(folder.resolve("stderr"))).doesNotContain("\"level\":\"error\"");
    }

    private static String readyz(String address) throws IOException {
        return answer(address, "GET /readyz", "");
    }

    private static String logLevel(String address, String token) throws IOException {
        return answer(address, "POST /logging?level=info", "x-sallyport-admin-token: " + token + "\r\n");
    }

    private static String answer(String address, String request, String fields) throws IOException {
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write((request + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "Connection: close\r\n\r\n")
                            .getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
