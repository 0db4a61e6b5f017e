package dev.sallyport.server;

import dev.sallyport.contract.Frames;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.contract.KeyList;
import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidKeyManager;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.X509Svid;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;

/** What a sidecar says to a control plane, with a real key and a real request. */
final class TestSidecar {
    private static final Duration DEADLINE = Duration.ofSeconds(15);

    final JoinFile join;
    final String instance;
    KeyPair keys = CertificateSigningRequest.newKeyPair();
    private KeyPair canaryKeys = keys;
    private @Nullable HttpClient mutual;
    private @Nullable X509Svid svid;
    private final TestMesh mesh;

    TestSidecar(TestMesh mesh, JoinFile join) {
        this(mesh, join, "test-" + System.nanoTime());
    }

    private TestSidecar(TestMesh mesh, JoinFile join, String instance) {
        this.mesh = mesh;
        this.join = join;
        this.instance = instance;
    }

    HttpResponse<byte[]> tryEnrol(String token, KeyPair with) throws Exception {
        return tryEnrol(Wire.JOIN_TOKEN, token, with);
    }

    HttpResponse<byte[]> tryEnrol(String method, String token, KeyPair with) throws Exception {
        byte[] body = Wire.encode(new Wire.Enrolment(method, token, CertificateSigningRequest.pem(with), instance));
        return mesh.client()
                .send(
                        post(mesh.controlPlane.enrolment(), MeshNames.ENROL_PATH, body),
                        HttpResponse.BodyHandlers.ofByteArray());
    }

    Wire.Issued enrol() throws Exception {
        HttpResponse<byte[]> answer = tryEnrol(join.token(), keys);
        Wire.Issued issued = issued(answer);
        hold(issued, keys);
        return issued;
    }

    static Wire.Issued issued(HttpResponse<byte[]> answer) throws InvalidMessageException {
        if (answer.statusCode() != 200) {
            throw new AssertionError(
                    answer.statusCode() + " " + new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8));
        }
        return Wire.issued(answer.body());
    }

    /** The certificate held; only after {@link #enrol}. */
    X509Svid svid() {
        return Objects.requireNonNull(svid, "not enrolled");
    }

    private HttpClient mutual() {
        return Objects.requireNonNull(mutual, "not enrolled");
    }

    void hold(Wire.Issued issued, KeyPair of) throws Exception {
        svid = X509Svid.of(Pem.certificates(issued.chainPem()), of.getPrivate());
        keys = of;
        mutual = mesh.client(keyManager());
    }

    KeyManager keyManager() throws Exception {
        SvidPublisher own = new SvidPublisher();
        own.publishBundles(List.of(mesh.bundle()));
        own.publish(svid());
        return new SvidKeyManager(own.source());
    }

    HttpResponse<byte[]> tryRenew(KeyPair next) throws Exception {
        return tryRenewAs(instance, next);
    }

    HttpResponse<byte[]> tryRenewAs(String named, KeyPair next) throws Exception {
        return ask(MeshNames.RENEW_PATH, Wire.encode(new Wire.Renewal(CertificateSigningRequest.pem(next), named)));
    }

    HttpResponse<byte[]> tryCanary(String named, KeyPair key, String authority) throws Exception {
        return ask(
                MeshNames.CANARY_PATH,
                Wire.encode(new Wire.CanaryRequest(CertificateSigningRequest.pem(key), named, authority)));
    }

    HttpResponse<byte[]> canaryResult(String named, String authority, Optional<String> refused) throws Exception {
        return ask(MeshNames.CANARY_RESULT_PATH, Wire.encode(new Wire.CanaryResult(named, authority, refused)));
    }

    /** Takes the next certificate into use. */
    void renew() throws Exception {
        KeyPair next = CertificateSigningRequest.newKeyPair();
        hold(issued(tryRenew(next)), next);
    }

    /** A process that shows {@code issued}, whatever that is good for, in the name of this sidecar. */
    TestSidecar showing(Wire.Issued issued, KeyPair key) throws Exception {
        TestSidecar other = new TestSidecar(mesh, join, instance);
        other.hold(issued, key);
        return other;
    }

    /** Another process that holds the same certificate and key. */
    TestSidecar copy() throws Exception {
        TestSidecar other = new TestSidecar(mesh, join, instance);
        other.svid = svid();
        other.keys = keys;
        other.mutual = mesh.client(other.keyManager());
        return other;
    }

    /** A request with the certificate held. */
    HttpResponse<byte[]> ask(String path, byte[] message) throws Exception {
        return mutual().send(
                        post(mesh.controlPlane.sidecars(), path, message), HttpResponse.BodyHandlers.ofByteArray());
    }

    int ack(MeshSnapshot snapshot, Optional<String> refused) throws Exception {
        byte[] body = Wire.encode(new Wire.Ack(
                instance,
                snapshot.epoch(),
                snapshot.revision(),
                snapshot.policy().digest(),
                svid().serial(),
                Instant.now(),
                refused));
        return mutual().send(
                        post(mesh.controlPlane.sidecars(), MeshNames.ACK_PATH, body),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    HttpResponse<byte[]> canary(String authority) throws Exception {
        canaryKeys = CertificateSigningRequest.newKeyPair();
        byte[] body =
                Wire.encode(new Wire.CanaryRequest(CertificateSigningRequest.pem(canaryKeys), instance, authority));
        return mutual().send(
                        post(mesh.controlPlane.sidecars(), MeshNames.CANARY_PATH, body),
                        HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Says that the canary of {@code instance} passed; the status of the answer. */
    int canaryResult(String instance, String authority) throws Exception {
        byte[] body = Wire.encode(new Wire.CanaryResult(instance, authority, Optional.empty()));
        return mutual().send(
                        post(mesh.controlPlane.sidecars(), MeshNames.CANARY_RESULT_PATH, body),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    /** One that uses a canary as if it were its certificate. */
    TestSidecar holding(Wire.Issued canary) throws Exception {
        TestSidecar other = new TestSidecar(mesh, join);
        other.hold(canary, canaryKeys);
        return other;
    }

    int keyWanted(String issuer) throws Exception {
        byte[] body = Wire.encode(new Wire.KeyWanted(instance, issuer));
        return mutual().send(
                        post(mesh.controlPlane.sidecars(), MeshNames.KEY_WANTED_PATH, body),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    static HttpRequest post(HostPort address, String path, byte[] body) {
        return HttpRequest.newBuilder(TestMesh.uri(address, path))
                .header("content-type", "application/json")
                .timeout(Duration.ofSeconds(20))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }

    Stream open(HostPort advertise) throws Exception {
        byte[] hello = Wire.encode(new Wire.Hello(instance, advertise, -1, -1, svid().serial(), "test"));
        HttpResponse<InputStream> answer = mutual().send(
                        HttpRequest.newBuilder(TestMesh.uri(mesh.controlPlane.sidecars(), MeshNames.STREAM_PATH))
                                .POST(HttpRequest.BodyPublishers.ofByteArray(hello))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        return new Stream(answer);
    }

    MeshSnapshot verified(Wire.Down.Snapshot down) throws InvalidMessageException {
        KeyList list = KeyList.verify(down.keyList(), join.rootKeys(), join.mesh());
        return down.snapshot().verify(list, join.mesh(), join.identity());
    }

    /** The messages of one stream, in order. */
    final class Stream implements AutoCloseable {
        final HttpResponse<InputStream> answer;
        private final BlockingQueue<Wire.Down> messages = new LinkedBlockingQueue<>();
        private final Thread reader;

        Stream(HttpResponse<InputStream> answer) {
            this.answer = answer;
            reader = Thread.ofVirtual().start(this::read);
        }

        private void read() {
            Frames frames = new Frames();
            byte[] buffer = new byte[16 * 1024];
            try (InputStream in = answer.body()) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    for (byte[] message : frames.feed(Arrays.copyOf(buffer, n))) {
                        messages.add(Wire.down(message));
                    }
                }
            } catch (IOException | InvalidMessageException e) {
                // The test sees a stream without messages.
            }
        }

        boolean ended() throws InterruptedException {
            return reader.join(DEADLINE);
        }

        /** The next message of a kind; others are skipped. */
        <T extends Wire.Down> T next(Class<T> kind) throws InterruptedException {
            Instant end = Instant.now().plus(DEADLINE);
            while (Instant.now().isBefore(end)) {
                Wire.Down message = messages.poll(100, TimeUnit.MILLISECONDS);
                if (kind.isInstance(message)) {
                    return kind.cast(message);
                }
            }
            throw new AssertionError("no " + kind.getSimpleName() + " within " + DEADLINE);
        }

        /** The next snapshot, verified as a sidecar does: root keys → key list → signature, mesh, recipient. */
        MeshSnapshot snapshot() throws Exception {
            return verified(next(Wire.Down.Snapshot.class));
        }

        MeshSnapshot snapshotOf(long revision) throws Exception {
            MeshSnapshot snapshot = snapshot();
            while (snapshot.revision() < revision) {
                snapshot = snapshot();
            }
            return snapshot;
        }

        @Override
        public void close() throws IOException {
            answer.body().close();
        }
    }
}
