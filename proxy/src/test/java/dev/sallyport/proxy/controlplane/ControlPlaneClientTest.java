package dev.sallyport.proxy.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.MeshTls;
import dev.sallyport.proxy.net.ControlThread;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.testing.FakeControlPlane;
import dev.sallyport.proxy.testing.TestMesh;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlPlaneClientTest implements ControlPlaneClient.Listener {
    @TempDir
    private Path folder;

    private final BlockingQueue<Wire.Down> received = new LinkedBlockingQueue<>();
    private final ControlThread control = new ControlThread();
    private final Transport transport = Transport.open("test", 1);
    private TestMesh mesh;
    private FakeControlPlane controlPlane;
    private SvidPublisher publisher;
    private MeshTls tls;

    @BeforeEach
    void start() throws Exception {
        mesh = new TestMesh(folder.resolve("authority"));
        controlPlane = new FakeControlPlane(mesh);
        publisher = mesh.publisher(mesh.id("orders"));
        tls = new MeshTls(publisher.source(), Clock.systemUTC());
    }

    @AfterEach
    void stop() {
        control.shutdownNow();
        controlPlane.close();
        tls.close();
        transport.loops().shutdownGracefully(20, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2000);
    }

    @Override
    public void connected() {}

    @Override
    public void received(Wire.Down message) {
        received.add(message);
    }

    private ControlPlaneClient client(Duration silence) {
        ControlPlaneClient client = new ControlPlaneClient(
                () -> ControlPlaneConnection.dial(
                        transport, controlPlane.sidecarsAddress(), tls.controlPlane(), mesh.controlPlane()),
                () -> new Wire.Hello(
                        "i1",
                        new HostPort("127.0.0.1", 15006),
                        -1,
                        -1,
                        publisher.source().svid().map(X509Svid::serial).orElse(""),
                        "test"),
                control,
                silence,
                new Random(1));
        client.start(this);
        return client;
    }

    @Test
    void helloOpensTheStreamAndMessagesArriveWhole() throws Exception {
        Wire.Down.Snapshot snapshot = mesh.signed(mesh.snapshot(3));
        controlPlane.silent = true;
        controlPlane.publish(snapshot);
        try (ControlPlaneClient client = client(ControlPlaneClient.SILENCE)) {
            Wire.Hello hello = controlPlane.hellos.poll(5, TimeUnit.SECONDS);
            assertThat(hello).isNotNull();
            assertThat(hello.advertise()).isEqualTo(new HostPort("127.0.0.1", 15006));
            Wire.Down first = received.poll(5, TimeUnit.SECONDS);
            assertThat(Wire.encode(Optional.ofNullable(first).orElseThrow())).isEqualTo(Wire.encode(snapshot));
            assertThat(client.connected()).isTrue();
        }
    }

    @Test
    void largeMessagePassesTheFlowControlWindow() throws Exception {
        controlPlane.silent = true;
        try (ControlPlaneClient client = client(ControlPlaneClient.SILENCE)) {
            await().until(client::connected);
            String reason = "r".repeat(3_000_000);
            controlPlane.send(new Wire.Down.Rotate(reason));
            assertThat(received.poll(5, TimeUnit.SECONDS)).isEqualTo(new Wire.Down.Rotate(reason));
        }
    }

    @Test
    void shortRequestIsAnswered() throws Exception {
        try (ControlPlaneClient client = client(ControlPlaneClient.SILENCE)) {
            await().until(client::connected);
            Wire.Ack ack =
                    new Wire.Ack("i1", 1, 1, "00", "ab", Instant.parse("2030-01-01T00:00:00Z"), Optional.empty());
            assertThat(client.post(MeshNames.ACK_PATH, Wire.encode(ack))
                            .get(5, TimeUnit.SECONDS)
                            .status())
                    .isEqualTo(204);
            assertThat(controlPlane.acks).containsExactly(ack);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "7, PT7S",
        "0, PT0S",
        "999999999, PT277777H46M39S",
        "'Fri, 07 Nov 2036 23:59:59 GMT',",
        "-1,",
        "1.5,",
        "9999999999,",
        "'',"
    })
    void answerSaysWhenToAskAgainInSeconds(String field, @Nullable Duration expected) throws Exception {
        controlPlane.renewalStatus = Optional.of(429);
        controlPlane.retryAfter = Optional.of(field);
        try (ControlPlaneClient client = client(ControlPlaneClient.SILENCE)) {
            await().until(client::connected);
            Reply reply = client.post(MeshNames.RENEW_PATH, Wire.encode(new Wire.Renewal("csr", "i1")))
                    .get(5, TimeUnit.SECONDS);
            assertThat(reply.status()).isEqualTo(429);
            assertThat(reply.retryAfter()).isEqualTo(Optional.ofNullable(expected));
        }
    }

    @Test
    void requestWithoutConnectionFailsAtOnce() {
        ControlPlaneClient client = new ControlPlaneClient(
                java.util.concurrent.CompletableFuture::new,
                () -> {
                    throw new AssertionError();
                },
                control,
                ControlPlaneClient.SILENCE,
                new Random(1));
        assertThatThrownBy(() -> client.post(MeshNames.ACK_PATH, new byte[0]).get(1, TimeUnit.SECONDS))
                .hasMessageContaining("not connected");
        client.close();
    }

    @Test
    void impostorHearsNothing() throws Exception {
        try (FakeControlPlane impostor = new FakeControlPlane(mesh, mesh.id("payment"))) {
            var dial = ControlPlaneConnection.dial(
                    transport, impostor.sidecarsAddress(), tls.controlPlane(), mesh.controlPlane());
            assertThatThrownBy(() -> dial.get(5, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(ControlPlaneException.class)
                    .hasMessageContaining("peer is " + mesh.id("payment") + " (expected: " + mesh.controlPlane() + ")");
            assertThat(impostor.hellos).isEmpty();
        }
    }

    @Test
    void silenceEndsTheConnectionAndAnotherIsMade() throws Exception {
        controlPlane.silent = true;
        try (ControlPlaneClient client = client(Duration.ofMillis(300))) {
            await().until(() -> controlPlane.hellos.size() >= 2);
            assertThat(client).isNotNull();
        }
    }

    @Test
    void heartbeatsKeepTheConnection() throws Exception {
        try (ControlPlaneClient client = client(Duration.ofMillis(600))) {
            await().until(() -> received.size() >= 12); // 1.2 s of beats, twice the silence that would end it
            assertThat(controlPlane.hellos).hasSize(1);
            assertThat(client.connected()).isTrue();
        }
    }

    @Test
    void lostConnectionIsMadeAgain() throws Exception {
        try (ControlPlaneClient client = client(ControlPlaneClient.SILENCE)) {
            await().until(client::connected);
            controlPlane.dropConnections();
            await().until(() -> controlPlane.hellos.size() >= 2 && client.connected());
        }
    }

    @Test
    void redialPresentsTheNewestCertificate() throws Exception {
        try (ControlPlaneClient client = client(ControlPlaneClient.SILENCE)) {
            await().until(client::connected);
            X509Svid next = mesh.svid(mesh.id("orders"));
            publisher.publish(next);
            client.redial();
            await().until(() -> controlPlane.hellos.stream()
                    .anyMatch(hello -> hello.certificateSerial().equals(next.serial())));
        }
    }
}
